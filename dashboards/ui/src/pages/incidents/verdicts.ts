/** What an incident can turn out to have been; the API takes no other word. */
export const VERDICTS = ["true_positive", "false_positive", "benign", "outage", "drill", "duplicate"] as const;
export type Verdict = (typeof VERDICTS)[number];

export function isVerdict(text: string | null): text is Verdict {
  return (VERDICTS as readonly (string | null)[]).includes(text);
}
