/**
 * Labelled payloads: what a row becomes for its table, and what it must never become. Reads them and judges answers.
 *
 * An answer is right when decision, row and unmapped keys are as labelled. It is harmful when it would store anything
 * that the label does not store: a value in another column, another value, or any value of a row to refuse. All
 * else is refused: too careful, but nothing wrong is written.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import {
  CONFIRMATIONS_NEEDED,
  type ConfirmedMapping,
  type HealedPayload,
  healPayload,
  type TableFacts,
} from "../../supabase/functions/_shared/deterministicFixPatterns.ts";

/** One labelled payload. */
export interface MappingCase extends TableFacts {
  id: string;
  category: string;
  payload: Record<string, unknown>;
  decision: HealedPayload["decision"];
  /** The row to store; null when nothing may be stored. */
  expected: Record<string, unknown> | null;
  unmapped: string[];
  /** `key→column`, or `column=value`, that must not come about. */
  must_not: string[];
  needs_learning: boolean;
  why: string;
}

/** What an answer to a case is. */
export type CaseVerdict = "right" | "refused" | "harmful";

/** Counts of verdicts. */
export type CaseCounts = { total: number } & Record<CaseVerdict, number>;

/** The cases of a file with one a line. */
export async function readCases(path: string | URL): Promise<MappingCase[]> {
  const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => JSON.parse(line));
}

/** What the answer is, by the label. */
export function judgeCase(labelled: MappingCase, answer: HealedPayload): CaseVerdict {
  if (answer.decision !== "refuse" && (storesMore(labelled, answer) || breaksMustNot(labelled, answer))) {
    return "harmful";
  }
  if (answer.decision !== labelled.decision) return "refused";
  if (answer.decision === "refuse") return "right";
  const isSame = isDeepStrictEqual({ ...answer.row }, labelled.expected) &&
    isDeepStrictEqual([...answer.unmapped].sort(), [...labelled.unmapped].sort());
  return isSame ? "right" : "refused";
}

/** Anything stored that the label does not store. */
function storesMore(labelled: MappingCase, answer: HealedPayload): boolean {
  if (labelled.expected === null) return true;
  return Object.entries(answer.row).some(([column, value]) =>
    !Object.hasOwn(labelled.expected!, column) || !isDeepStrictEqual(value, labelled.expected![column])
  );
}

function breaksMustNot(labelled: MappingCase, answer: HealedPayload): boolean {
  return labelled.must_not.some((forbidden) =>
    answer.applied.some(({ from, to }) => from !== to && forbidden === `${from}→${to}`) ||
    Object.entries(answer.row).some(([column, value]) => forbidden === `${column}=${asText(value)}`)
  );
}

function asText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** The right mappings of the label as experience would have confirmed them, and none that is not in it. */
export function confirmedBy(labelled: MappingCase): ConfirmedMapping[] {
  const stored = Object.entries(labelled.expected ?? {});
  return Object.entries(labelled.payload).flatMap(([key, value]) => {
    if (labelled.unmapped.includes(key)) return [];
    const own = stored.filter(([column]) => column === key);
    const others = stored.filter(([column, result]) =>
      !Object.hasOwn(labelled.payload, column) &&
      (isSameValue(value, result) || isMember(value, column, result))
    );
    return (own.length > 0 ? own : others).map(([column]) => ({
      table: labelled.table,
      key,
      column,
      confirmations: CONFIRMATIONS_NEEDED,
    }));
  });
}

function isSameValue(value: unknown, result: unknown): boolean {
  const isId = typeof value === "object" && value !== null && "id" in value && value.id === result;
  return isId || isDeepStrictEqual(value, result) || String(value) === String(result);
}

function isMember(value: unknown, column: string, result: unknown): boolean {
  return typeof value === "object" && value !== null &&
    Object.entries(value).some(([member, item]) => member === column && isDeepStrictEqual(item, result));
}

/** The verdicts of all cases, in their order. */
export function judgeAll(cases: readonly MappingCase[], tier: "automatic" | "learned"): CaseVerdict[] {
  return cases.map((labelled) =>
    judgeCase(
      labelled,
      healPayload(
        { table: labelled.table, columns: labelled.columns },
        labelled.payload,
        tier === "learned" ? { learned: confirmedBy(labelled) } : {},
      ),
    )
  );
}

/** How many of each verdict. */
export function countVerdicts(verdicts: readonly CaseVerdict[]): CaseCounts {
  const counts: CaseCounts = { total: verdicts.length, right: 0, refused: 0, harmful: 0 };
  for (const verdict of verdicts) counts[verdict]++;
  return counts;
}
