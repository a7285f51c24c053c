/**
 * Markdown fences: three backticks or tildes at the start of a line.
 *
 * @module
 */

/** One fenced block; `to` is where its body can end at the latest. */
export interface Fence {
  /** Where the opening line begins. */
  at: number;
  /** Where the body begins. */
  from: number;
  /** The end of the last line before the one that can close it, or of the text. */
  to: number;
  /** Where the text after the closing line begins. */
  after: number;
  label: string;
}

const FENCE_LINE = /^[ \t]*(`{3,}|~{3,})[ \t]*([^\s`{[]*)[^\n`]*$/gm;
/** A reply with more fences than this is no reply. */
const MOST_FENCES = 500;
const PLAIN_LABELS: ReadonlySet<string> = new Set([
  "",
  "text",
  "txt",
  "plaintext",
  "plain",
  "output",
  "data",
]);

/** All fences of a text in order, each ended by the first line that can close it. */
export function findFences(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: Fence | undefined;
  let mark = "";
  for (const match of text.matchAll(FENCE_LINE)) {
    const label = match[2] as string;
    if (open === undefined) {
      if (fences.length >= MOST_FENCES) break;
      mark = match[1] as string;
      const from = bodyStart(text, match);
      open = { at: match.index, from, to: text.length, after: text.length, label: label.toLowerCase() };
      fences.push(open);
    } else if (label === "" && (match[1] as string).startsWith(mark)) {
      open.to = Math.max(open.from, match.index - 1);
      open.after = match.index + match[0].length;
      open = undefined;
    }
  }
  return fences;
}

/** The body begins on the next line, or right behind the label when the JSON stands on the fence's own line. */
function bodyStart(text: string, match: RegExpMatchArray & { index: number }): number {
  const line = match[0];
  const brace = line.search(/[{[]/);
  return brace >= 0 ? match.index + brace : Math.min(text.length, match.index + line.length + 1);
}

/** A fence that is said to hold JSON of some kind, for instance json5, jsonc or jsonl. */
export function isJsonFence(fence: Fence): boolean {
  return fence.label.startsWith("json") || fence.label === "ndjson";
}

/** A fence that does not say that it holds another language. */
export function isPlainFence(fence: Fence): boolean {
  return PLAIN_LABELS.has(fence.label);
}
