import type { IncidentState, Severity, Status } from "$/api/client";

/** Worst first, as lists and legends show them. */
export const STATUSES: readonly Status[] = ["down", "behind", "degraded", "no_data", "maintenance", "ok"];
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low", "info"];
export const STATES: readonly IncidentState[] = ["open", "acknowledged", "closed"];

/** The namespace of what is real; every other one is a drill's. */
export const REAL = "default";

export function isSeverity(text: string): text is Severity {
  return (SEVERITIES as readonly string[]).includes(text);
}

export function isStatus(text: string): text is Status {
  return (STATUSES as readonly string[]).includes(text);
}

export function isState(text: string): text is IncidentState {
  return (STATES as readonly string[]).includes(text);
}
