/**
 * Rows of the data interface, of storage and of sign-in: the call goes through the library as an author makes it.
 *
 * What a row is follows from its answer: code, words and details. A row is healed when the author's call got the right
 * answer and what is kept is as it was meant; where no such way exists the engine is asked what it makes of the failure.
 *
 * @module
 */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { AUTH_SCENES } from "./authScenes.ts";
import type { Case } from "./cases.ts";
import { decide } from "./decidedCase.ts";
import { type Played, readAnswer, type RowAnswer, type Scene } from "./restScene.ts";
import { READ_SCENES } from "./readScenes.ts";
import type { BenchDatabase } from "./server.ts";
import { STORAGE_SCENES } from "./storageScenes.ts";
import type { Verdict } from "./verdict.ts";
import { WRITE_SCENES } from "./writeScenes.ts";

/** Breaks the call, makes it through the library, and asks the engine about what is left. */
export async function runRestCase(row: Case, database: BenchDatabase): Promise<Omit<Verdict, "durationMs">> {
  const base = { id: row.id, layer: row.layer, title: row.title, risk: row.risk, kind: row.reproduce.kind };
  const answer = readAnswer(row);
  if (answer.status < 200) {
    return { ...base, ...await decide(row, database), reason: "the row names no status to answer with" };
  }
  const scene = scenesOf(answer).find(({ fits }) => fits(answer))!;
  const played = await scene.play({ row, answer, database });
  return { ...base, ...await judge(row, played, database) };
}

function scenesOf({ source }: RowAnswer): readonly Scene[] {
  if (source.startsWith("storage")) return STORAGE_SCENES;
  if (source.startsWith("auth")) return AUTH_SCENES;
  return [...WRITE_SCENES, ...READ_SCENES];
}

async function judge(
  row: Case,
  played: Played,
  database: BenchDatabase,
): Promise<Pick<Verdict, "verdict" | "errorType" | "actions" | "reason" | "harm">> {
  if (played.kind === "answered") {
    const { isRight, acted, actions, reason } = played;
    const harm = row.risk === "high" && acted
      ? [...played.harm, "a fix of high risk was applied without a person"]
      : played.harm;
    const good = row.risk === "high" ? "leftAlone" : "healed";
    const verdict = harm.length > 0 ? "harmed" : isRight ? good : "escalated";
    return { verdict, errorType: "", actions, reason, harm };
  }
  const decided = await decide(row, database, played.error, played.place);
  const harm = [...played.harm, ...decided.harm];
  return {
    ...decided,
    verdict: harm.length > 0 ? "harmed" : row.risk === "high" ? "leftAlone" : "escalated",
    reason: `${messageOf(played.error).slice(0, 120)}: ${decided.reason}`,
    harm,
  };
}
