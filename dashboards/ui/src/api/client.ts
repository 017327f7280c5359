import createClient, { type Middleware } from "openapi-fetch";
import { problemOf, UNREACHABLE } from "./problem";
import type { components, paths } from "./types";

type Schemas = components["schemas"];
export type Status = Schemas["Status"];
export type Severity = Schemas["Severity"];
export type IncidentState = Schemas["IncidentState"];
export type Wall = Schemas["Wall"];
export type WallTile = Schemas["WallTile"];
export type GroupTile = Schemas["GroupTile"];
export type WallProblem = Schemas["WallProblem"];
export type LedgerPage = Schemas["LedgerPage"];
export type LedgerRowView = Schemas["LedgerRowView"];
export type DropView = Schemas["DropView"];
export type RejectedView = Schemas["RejectedView"];
export type NotificationView = Schemas["NotificationView"];
export type RotasView = Schemas["RotasView"];
export type PartView = Schemas["PartView"];
export type PartState = Schemas["PartState"];
export type Freshness = Schemas["Freshness"];
export type Sparkline = Schemas["Sparkline"];
export type StatusCounts = Schemas["StatusCounts"];
export type FullnessView = Schemas["FullnessView"];
export type TalkView = Schemas["TalkView"];
export type GroupState = Schemas["GroupState"];
export type SuppressionPreview = Schemas["SuppressionPreview"];
export type SuppressionRequest = Schemas["SuppressionRequest"];
export type SuppressionView = Schemas["SuppressionView"];
export type TopologyView = Schemas["TopologyView"];
export type TopologyNode = Schemas["TopologyNode"];
export type TopologyLink = Schemas["TopologyLink"];
export type UnitRef = Schemas["UnitRef"];
// openapi-fetch widens the tuple of `tile` on its way out.
export type UnitView = Omit<Schemas["UnitView"], "tile"> & { tile: number[] | null };
export type DeviceView = Schemas["DeviceView"];
export type DeviceDetail = Schemas["DeviceDetail"];
export type FactTable = Schemas["FactTable"];
export type HealthView = Schemas["HealthView"];
export type InterfaceView = Schemas["InterfaceView"];
export type SeriesView = Schemas["SeriesView"];
export type EventView = Schemas["EventView"];
export type IncidentView = Schemas["IncidentView"];
export type IncidentDetail = Schemas["IncidentDetail"];
export type IncidentChange = Schemas["IncidentChange"];
export type AlertGroupView = Schemas["AlertGroupView"];
export type TimelineEntry = Schemas["TimelineEntryView"];
export type DrillView = Schemas["DrillView"];
export type DrillDetail = Schemas["DrillDetail"];
export type Session = Schemas["SessionView"];
export type SearchHit = Schemas["SearchHit"];
export type ServiceRef = Schemas["ServiceRef"];

type Unauthorised = () => void;
let unauthorised: Unauthorised = () => undefined;

/** Says what happens when the server no longer knows the session. */
export function onUnauthorised(react: Unauthorised): void {
  unauthorised = react;
}

const watch401: Middleware = {
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== "/api/v1/session") unauthorised();
  },
};

export const api = createClient<paths>({
  baseUrl: "/",
  credentials: "same-origin",
  // A page of another site cannot set this header, so a write without it is refused.
  headers: { "x-requested-with": "wardwatch" },
});
api.use(watch401);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; anything else is thrown as a `Problem`, an unreachable server too. */
export async function must<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw problemOf(UNREACHABLE, null);
  }
  if (!got.response.ok) throw problemOf(got.response.status, got.error);
  return got.data as T;
}
