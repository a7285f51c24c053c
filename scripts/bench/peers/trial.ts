/**
 * One parser put to one test, in a process of its own: a native stack overflow ends the whole process, and that is
 * a result too. Prints one JSON line.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { GOLDEN_CASES } from "../../../tests/golden/robustJsonParser/cases.ts";
import { brokenCases } from "../../../tests/helpers/brokenJson.ts";
import { HOSTILE_SHAPES } from "../../../tests/helpers/hostileJson.ts";
import { createJsonStream } from "../../../supabase/functions/_shared/robustJsonParser.ts";
import { print } from "../../lib/print.ts";
import { CONTESTANTS, type Read } from "./contestants.ts";
import { ONE_DEFECT, REPLY, TWO_DEFECTS, VALID } from "./texts.ts";

/** How well a parser reads, as shares of 0 to 1. */
export interface Quality {
  exact: number;
  /** Gives a value that is not the wanted one. */
  wrong: number;
  /** Gives a value where there is none. */
  acceptsOther: number;
}

const CASES_A_CATEGORY = 40;
const SEED = 4_711;
const CHUNK = 8;
const TEXTS: Readonly<Record<string, string>> = { valid: VALID, one: ONE_DEFECT, two: TWO_DEFECTS };

interface Tally {
  cases: number;
  exact: number;
  wrong: number;
}

async function answerOf(read: Read, text: string): Promise<{ value: unknown } | undefined> {
  try {
    return { value: await read(text) };
  } catch {
    return undefined;
  }
}

async function quality(read: Read): Promise<Quality> {
  const tallies = new Map<string, Tally>();
  const golden = GOLDEN_CASES.map(({ text, want }) => ({ category: "golden", text, expected: want }));
  for (const { category, text, expected } of [...brokenCases(SEED, CASES_A_CATEGORY), ...golden]) {
    const name = expected === undefined ? "not JSON" : category;
    const tally = tallies.get(name) ?? { cases: 0, exact: 0, wrong: 0 };
    tallies.set(name, tally);
    tally.cases++;
    const answer = await answerOf(read, text);
    if (answer === undefined ? expected === undefined : isDeepStrictEqual(answer.value, expected)) {
      tally.exact++;
    } else if (answer !== undefined) tally.wrong++;
  }
  const other = tallies.get("not JSON") as Tally;
  const shares = [...tallies.values()];
  return {
    exact: mean(shares.map((tally) => tally.exact / tally.cases)),
    wrong: mean(shares.map((tally) => tally.wrong / tally.cases)),
    acceptsOther: other.wrong / other.cases,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Characters a second, in millions, of the best of several runs; text when there is no right value to be timed. */
async function speed(read: Read, text: string): Promise<number | string> {
  const first = await answerOf(read, text);
  if (first === undefined) return "refuses";
  if (!isDeepStrictEqual(first.value, JSON.parse(VALID))) return "wrong value";
  let best = Infinity;
  const until = performance.now() + 1_500;
  do {
    const started = performance.now();
    await answerOf(read, text);
    best = Math.min(best, performance.now() - started);
  } while (performance.now() < until);
  return text.length / best / 1_000;
}

/** Milliseconds to read a reply that grows by a few characters at a time. */
async function streaming(read: Read, own: boolean): Promise<number> {
  const started = performance.now();
  const stream = own ? createJsonStream() : undefined;
  for (let at = CHUNK; at <= REPLY.length; at += CHUNK) {
    if (stream !== undefined) stream.push(REPLY.slice(at - CHUNK, at));
    else await answerOf(read, REPLY.slice(0, at));
  }
  return performance.now() - started;
}

/** Milliseconds to read a hostile text of 100,000 characters. */
async function hostile(read: Read, shape: string): Promise<number> {
  const text = HOSTILE_SHAPES[shape]?.(100_000) ?? "";
  const started = performance.now();
  await answerOf(read, text);
  return performance.now() - started;
}

if (import.meta.main) {
  const [name, test, detail = ""] = Deno.args;
  const contestant = CONTESTANTS.find((one) => one.name === name);
  if (contestant === undefined) throw new RangeError(`No parser is called ${name}`);
  const read = await contestant.load();
  if (test === "quality") print(JSON.stringify(await quality(read)));
  else if (test === "speed") print(JSON.stringify(await speed(read, TEXTS[detail] ?? "")));
  else if (test === "stream") print(JSON.stringify(await streaming(read, contestant === CONTESTANTS[0])));
  else print(JSON.stringify(await hostile(read, detail)));
}
