import { api, must, type IncidentChange, type IncidentDetail, type IncidentState } from "$/api/client";
import { Problem } from "$/api/problem";
import { t } from "$/i18n/index.svelte";
import type { Resource } from "$/live/resource.svelte";
import { toasts } from "$/state/toasts.svelte";

const CONFLICT = 412;

/** How an incident will look after a change, shown before the server has confirmed it. */
export function foreseen(incident: IncidentDetail, change: IncidentChange, user: string): IncidentDetail {
  const state: IncidentState =
    change.action === "close" ? "closed" : change.action === "acknowledge" ? "acknowledged" : incident.state;
  const assignee =
    change.action === "assign" ? (change.assignee ?? null) : change.action === "acknowledge" ? user : incident.assignee;
  return { ...incident, state, assignee, verdict: change.verdict ?? incident.verdict };
}

/** Changes an incident: at once on the screen, then on the server; taken back if that refuses. */
export async function change(
  incident: Resource<IncidentDetail>,
  wanted: IncidentChange,
  user: string,
): Promise<boolean> {
  const before = incident.data;
  if (!before) return false;
  const rollback = incident.optimistic((data) => foreseen(data, wanted, user));
  try {
    incident.data = await must(
      api.PATCH("/api/v1/incidents/{incident_id}", {
        params: {
          path: { incident_id: before.id },
          header: { "if-match": `"${before.version}"`, "idempotency-key": crypto.randomUUID() },
        },
        body: wanted,
      }),
    );
    toasts.say(t(`incidents.done.${wanted.action}`));
    return true;
  } catch (error) {
    rollback();
    if (error instanceof Problem && error.status === CONFLICT) {
      toasts.say(t("incidents.conflict"), "bad");
      await incident.reload();
    } else {
      toasts.say(error instanceof Problem && error.detail ? error.detail : t("problem.refused"), "bad");
    }
    return false;
  }
}
