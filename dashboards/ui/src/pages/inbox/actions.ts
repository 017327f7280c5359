import { api, must, type AlertGroupView } from "$/api/client";
import { Problem } from "$/api/problem";
import { t } from "$/i18n/index.svelte";
import { toasts } from "$/state/toasts.svelte";
import type { GroupVerdict } from "./query";

const header = () => ({ "idempotency-key": crypto.randomUUID() });

/** Says why something was refused. */
export function refused(error: unknown): void {
  toasts.say(error instanceof Problem && error.detail ? error.detail : t("problem.refused"), "bad");
}

/** Puts groups away at once, with a way back instead of a question before. */
export async function putAway(
  groups: readonly AlertGroupView[],
  verdict: GroupVerdict,
  done: () => void,
): Promise<void> {
  try {
    const ids = groups.map((group) => group.id);
    const answer = await must(api.POST("/api/v1/alert-groups/handle", { params: { header: header() }, body: { ids, verdict } }));
    if (answer.left.length) toasts.say(t("inbox.left", { n: answer.left.length }), "bad");
    if (answer.changed.length) {
      const said = t("inbox.done", { n: answer.changed.length, verdict: t(`verdict.${verdict}`) });
      toasts.say(said, "plain", () => void takeBack(answer.changed, done));
    }
    done();
  } catch (error) {
    refused(error);
  }
}

async function takeBack(ids: string[], done: () => void): Promise<void> {
  try {
    await must(api.POST("/api/v1/alert-groups/take-back", { params: { header: header() }, body: { ids } }));
    toasts.say(t("inbox.taken_back"));
    done();
  } catch (error) {
    refused(error);
  }
}
