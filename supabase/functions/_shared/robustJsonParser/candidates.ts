/**
 * Other readings of a reply, for a schema to choose between.
 *
 * @module
 */

import { readFence } from "./fenced.ts";
import { findFences } from "./fences.ts";
import { DEFAULT_MAX_DEPTH, parseJson, toSuccess } from "./parse.ts";
import { findSpans } from "./prose.ts";
import { readEveryWay } from "./roots.ts";
import { createSearch, firstToken, type Search, toAnswer } from "./search.ts";
import type { ParseOptions, ParseSuccess } from "./types.ts";

/** Texts longer than this have one reading only: a schema is no reason to read megabytes many times. */
const LONGEST_WITH_ALTERNATIVES = 400_000;
const MOST_CANDIDATES = 24;

/**
 * The first choice, then: each of several roots, the whole text read with other decisions about closers, the
 * other fences, and the other spans in prose. No value comes twice.
 */
export function* candidates(text: string, options: ParseOptions): Generator<ParseSuccess> {
  const seen = new Set<string>();
  let count = 0;
  for (const success of everyReading(text, options)) {
    const key = JSON.stringify(success.value);
    if (seen.has(key)) continue;
    seen.add(key);
    yield success;
    if (++count >= MOST_CANDIDATES || text.length > LONGEST_WITH_ALTERNATIVES) {
      return;
    }
  }
}

function* everyReading(text: string, options: ParseOptions): Generator<ParseSuccess> {
  const first = parseJson(text, {
    ...options,
    allowPartial: true,
    refuseRepairs: [],
  });
  if (!first.ok) return;
  yield first;
  if (first.level === "standard") return;
  yield* singleRoots(first);
  const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  const start = firstToken(text, 0, text.length);
  for (const reading of readEveryWay(text, start, text.length, maxDepth)) {
    yield toSuccess(toAnswer(reading, false));
  }
  yield* fencedReadings(text, createSearch(text, maxDepth));
  for (const span of findSpans(text, 0, text.length, maxDepth)) {
    yield toSuccess(toAnswer(span.reading, true));
  }
}

/** When several roots were joined, each of them may be the one that is meant. */
function* singleRoots(first: ParseSuccess): Generator<ParseSuccess> {
  if (!Array.isArray(first.value) || !first.repairs.some((repair) => repair.kind === "roots_joined")) return;
  for (const value of first.value) yield { ...first, value };
}

function* fencedReadings(text: string, search: Search): Generator<ParseSuccess> {
  for (const fence of findFences(text)) {
    const answer = readFence(text, fence, search);
    if (answer !== undefined) yield toSuccess(answer);
  }
}
