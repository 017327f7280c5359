import type { components } from "$/api/types";
import type { Column } from "$/components/column";
import { list, type Query } from "$/router/query";

export type CandidateView = components["schemas"]["CandidateView"];
export type CandidateDecision = components["schemas"]["CandidateDecision"];
export type SearchView = components["schemas"]["SearchView"];

export const CANDIDATE_STATES = ["new", "accepted", "merged", "rejected"] as const;
type CandidateState = (typeof CANDIDATE_STATES)[number];

export const WAYS = ["sweep", "crawl", "netbox"] as const;
type Way = (typeof WAYS)[number];

/** What waits for a decision: shown unless the URL says otherwise. */
export const WAITING = "new";

export const CANDIDATE_COLUMNS: readonly Column[] = [
  { key: "address", label: "discovery.address" },
  { key: "name", label: "discovery.name", grow: true },
  { key: "product", label: "discovery.product", wide: true, shrink: true },
  { key: "unit", label: "discovery.unit", wide: true, shrink: true },
  { key: "role", label: "discovery.role", wide: true },
  { key: "duplicate", label: "discovery.duplicate", roomy: true },
  { key: "seen", label: "discovery.seen" },
];

/** The API's filters out of the page's URL. */
export function candidateQuery(query: Query) {
  return {
    state: list(query["state"] ?? WAITING).filter((one): one is CandidateState => CANDIDATE_STATES.some((known) => known === one)),
    way: WAYS.find((one): one is Way => one === query["way"]) ?? null,
    unit: query["unit"] ?? null,
    cursor: query["cursor"] ?? null,
    limit: 100,
  };
}

/** What a candidate is, as far as it told: maker and model, else its family. */
export function product(candidate: CandidateView): string {
  return [candidate.vendor, candidate.model].filter(Boolean).join(" ") || candidate.family || "–";
}

/** What of a proposal is still to be said before it can be accepted. */
export function missing(chosen: { role: string; unit: string; site: string; zone: string }): string[] {
  return (["role", "unit", "site", "zone"] as const).filter((key) => !chosen[key].trim());
}
