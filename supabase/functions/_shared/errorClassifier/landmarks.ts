/**
 * Sorts out the rules whose pattern cannot match before any of them is tried: most errors meet some two hundred
 * patterns, and a pattern that finds nothing costs as much as one that does.
 *
 * What has to stand in a text is read from the pattern itself: a run of plain signs in each of its alternatives. Of a
 * text all runs of three signs are noted once, in a table that may say yes where the answer is no, and never the other
 * way round.
 *
 * @module
 */

/** The runs of three signs of a text, without case. */
export type Landmarks = Uint8Array;

const TABLE_SIZE = 4_096;
const RUN = 3;

/** Notes the runs of a text. */
export function landmarksOf(text: string): Landmarks {
  const table = new Uint8Array(TABLE_SIZE);
  let first = 0;
  let second = 0;
  for (let at = 0; at < text.length; at += 1) {
    const third = withoutCase(text.charCodeAt(at));
    if (at >= 2) table[placeOf(first, second, third)] = 1;
    first = second;
    second = third;
  }
  return table;
}

/** The places of which a text must have all of one list; an empty list where the pattern asks for no plain signs. */
export type Needs = readonly (readonly number[])[];

const NOTHING: Needs = [[]];

/** What a text must hold for a pattern to match anywhere in it. */
export function needsOf({ source, flags }: RegExp): Needs {
  if (/[uv]/.test(flags)) return NOTHING;
  const runs = alternativesOf(source).map(longestRun);
  return runs.every((run) => run.length >= RUN) ? runs.map(placesOf) : NOTHING;
}

/** False when the pattern with these needs matches nowhere in the text with these landmarks. */
export function mayMatch(needs: Needs, landmarks: Landmarks): boolean {
  return needs.some((places) => places.every((place) => landmarks[place] === 1));
}

function placesOf(run: string): number[] {
  const codes = Array.from({ length: run.length }, (_, at) => withoutCase(run.charCodeAt(at)));
  return codes.slice(2).map((third, at) => placeOf(codes[at]!, codes[at + 1]!, third));
}

function placeOf(first: number, second: number, third: number): number {
  return (first * 961 + second * 31 + third) & (TABLE_SIZE - 1);
}

/** Without the flag `u` no other sign is the same as one of these but for its case. */
function withoutCase(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

const TOKEN =
  /\\(?:[ux][0-9a-fA-F]{2,4}|k<\w+>|[^])|\[(?:\\[^]|[^\]\\])*\]|\{\d+(?:,\d*)?\}\??|[*+?]\??|[^]/g;
const ESCAPED_SIGN = /^\\[^\w]$/;
const PLAIN_SIGN = /^[^\\[\](){}.*+?^$|]$/;

/** The alternatives of a pattern as their pieces, with `gap` for what is more than one plain sign. */
function alternativesOf(source: string): string[][] {
  const alternatives: string[][] = [[]];
  let depth = 0;
  for (const [token] of source.matchAll(TOKEN)) {
    if (token === "(") depth += 1;
    if (token === "|" && depth === 0) alternatives.push([]);
    else alternatives.at(-1)!.push(depth === 0 ? token : GAP);
    if (token === ")") depth -= 1;
  }
  return alternatives;
}

const GAP = "";

function longestRun(tokens: readonly string[]): string {
  let longest = "";
  let run = "";
  for (const [at, token] of tokens.entries()) {
    const isSign = PLAIN_SIGN.test(token) || ESCAPED_SIGN.test(token);
    const isCounted = /^[*+?{]/.test(tokens[at + 1] ?? "");
    run = isSign && !isCounted ? run + token.at(-1)! : "";
    if (run.length > longest.length) longest = run;
  }
  return longest;
}
