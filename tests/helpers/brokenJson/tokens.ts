/** Documents as lists of tokens, so that a defect can be put exactly where it belongs. @module */

import type { Dice } from "./dice.ts";
import type { Json } from "./documents.ts";

/** One token of a document. */
export interface Token {
  kind:
    | "open"
    | "close"
    | "key"
    | "colon"
    | "comma"
    | "string"
    | "number"
    | "literal";
  text: string;
  /** The value of a key or scalar. */
  value?: Json;
  depth: number;
  /** Inside an object or an array. */
  inObject: boolean;
}

/** How a document is laid out. */
export interface Layout {
  /** Indentation of one level; empty for one line. */
  indent: string;
  afterColon: string;
  afterComma: string;
}

/** Compact, spaced, or indented by two, four or a tab. */
export function someLayout(dice: Dice): Layout {
  return dice.pick<Layout>([
    { indent: "", afterColon: "", afterComma: "" },
    { indent: "", afterColon: " ", afterComma: " " },
    { indent: "  ", afterColon: " ", afterComma: "" },
    { indent: "    ", afterColon: " ", afterComma: "" },
    { indent: "\t", afterColon: " ", afterComma: "" },
  ]);
}

/** The tokens of a value in order. */
export function tokensOf(value: Json): Token[] {
  const tokens: Token[] = [];
  emit(tokens, value, 0, false);
  return tokens;
}

function emit(tokens: Token[], value: Json, depth: number, inObject: boolean): void {
  if (typeof value === "object" && value !== null) return emitContainer(tokens, value, depth, inObject);
  const kind = typeof value === "string" ? "string" : typeof value === "number" ? "number" : "literal";
  tokens.push({ kind, text: JSON.stringify(value), value, depth, inObject });
}

function emitContainer(tokens: Token[], value: object, depth: number, inObject: boolean): void {
  const isArray = Array.isArray(value);
  const inside = { depth: depth + 1, inObject: !isArray };
  tokens.push({ kind: "open", text: isArray ? "[" : "{", depth, inObject });
  Object.entries(value).forEach(([key, item], i) => {
    if (i > 0) tokens.push({ kind: "comma", text: ",", ...inside });
    if (!isArray) {
      tokens.push({ kind: "key", text: JSON.stringify(key), value: key, ...inside });
      tokens.push({ kind: "colon", text: ":", ...inside });
    }
    emit(tokens, item, depth + 1, !isArray);
  });
  tokens.push({ kind: "close", text: isArray ? "]" : "}", depth, inObject });
}

/** Writes tokens down. */
export function render(tokens: readonly Token[], layout: Layout): string {
  let out = "";
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    out += token.text;
    if (next === undefined) return;
    if (token.kind === "colon") out += layout.afterColon;
    else if (layout.indent === "") {
      out += token.kind === "comma" ? layout.afterComma : "";
    } else if (token.kind === "comma" || (token.kind === "open" && next.kind !== "close")) {
      out += "\n" + layout.indent.repeat(token.kind === "open" ? token.depth + 1 : token.depth);
    } else if (next.kind === "close" && token.kind !== "open") {
      out += "\n" + layout.indent.repeat(next.depth);
    } else if (needsBreak(token, next)) {
      out += "\n" + layout.indent.repeat(next.depth);
    }
  });
  return out;
}

/** Two values side by side, where a comma is missing, still stand on two lines. */
function needsBreak(token: Token, next: Token): boolean {
  const ends = token.kind !== "open" && token.kind !== "comma" && token.kind !== "key";
  return ends && next.kind !== "comma" && next.kind !== "close" && next.kind !== "colon";
}
