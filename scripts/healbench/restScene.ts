/** One class of answers of the data interface, of storage or of sign-in: how it comes, and what an author's call makes of it. @module */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import type { Case } from "./cases.ts";
import type { BenchDatabase } from "./server.ts";
import type { StandIn } from "./standIn.ts";

/** The answer of a row, as the scenes read it: never by the row's own name. */
export interface RowAnswer {
  source: string;
  /** `PGRST…`, a SQLSTATE, or the code of storage or sign-in. */
  code: string;
  message: string;
  details: string;
  status: number;
  /** Storage's true status, which is a text in the body. */
  statusCode: string;
}

/** What a scene is played with. */
export interface Stage {
  row: Case;
  answer: RowAnswer;
  database: BenchDatabase;
}

/** How a scene ended. */
export type Played =
  /** The author's call got an answer. `acted`: something was done to the call so that it would. */
  | { kind: "answered"; isRight: boolean; acted: boolean; actions: string[]; reason: string; harm: string[] }
  /** The author's call failed, or there is nothing that a call could do better. */
  | { kind: "refused"; error: unknown; harm: string[]; place?: Record<string, string> };

/** One scene. */
export interface Scene {
  fits(answer: RowAnswer): boolean;
  play(stage: Stage): Promise<Played>;
}

/** What a real answer has where the catalogue has a name in braces. */
export const WORDS: Readonly<Record<string, string>> = {
  schema: "public",
  fn: "find_notes",
  args: "searchText",
  column: "nickName",
  table: "people",
  types: "application/vnd.api+json",
  type: "text/plain;charset=UTF-8",
  key: "anna/Übung № 1 – Entwurf.txt",
  n: "2",
  x: "authors",
  t: "authors",
  a: "orders",
  b: "addresses",
  m: "TRACE",
};

/** Text with every name in braces replaced. */
export function filled(text: string): string {
  return text.replace(/\{([a-z_]{1,20})\}/g, (slot, name: string) => WORDS[name] ?? slot);
}

/** The answer of a row. */
export function readAnswer({ error }: Case): RowAnswer {
  const body = isRecord(error.body) ? error.body : {};
  const text = (value: unknown) => typeof value === "string" ? value : "";
  return {
    source: error.source ?? "",
    code: text(body.error_code) || text(body.code) || text(error.pgrst_code) || text(error.code) ||
      text(body.error),
    message: filled(text(body.message) || text(body.msg) || text(error.message)),
    details: text(body.details),
    status: error.http_status ?? 0,
    statusCode: text(body.statusCode),
  };
}

/** Harm of a failure that lasts and was sent again as it was, by whomever. */
export function repeatsOf({ row }: Pick<Stage, "row">, standIn: StandIn): string[] {
  return row.retry_safe_unchanged === true || standIn.repeatedRefusals === 0
    ? []
    : [`a failure that lasts was sent again unchanged, ${standIn.repeatedRefusals} times`];
}

/** The good end of a scene. */
export function answered(
  standIn: StandIn,
  stage: Pick<Stage, "row">,
  { isRight, actions, reason }: { isRight: boolean; actions: string[]; reason: string },
): Played {
  return {
    kind: "answered",
    isRight,
    acted: actions.length > 0,
    actions,
    reason,
    harm: repeatsOf(stage, standIn),
  };
}

/** True when the row's answer comes to whoever calls with nothing around the call. */
export async function comesBare(
  call: () => Promise<Response>,
  { answer }: Pick<Stage, "answer">,
): Promise<boolean> {
  const bare = await call();
  await bare.body?.cancel();
  return bare.status === answer.status;
}
