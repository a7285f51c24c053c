/** `tokens` for `total_tokens`, when the number is the sum of the two parts in the same row. @module */

import type { NameRule } from "../rule.ts";
import { columnsCalled } from "../suffix.ts";
import { readName } from "../words.ts";

const PARTS = new Set(["prompt token", "completion token", "input token", "output token"]);

/** The rule `token_total`. */
export const tokenTotal: NameRule = {
  key: "token_total",
  confidence: 0.9,
  because: "the number is the sum of the prompt's and the completion's tokens",
  strength: "proven",
  find(key, table) {
    if (key.words.phrase !== "token" || typeof key.value !== "number") return [];
    const parts = [...table.row].filter(([name]) => PARTS.has(readName(name).phrase)).map(([, value]) =>
      value
    );
    const isSum = parts.length === 2 && typeof parts[0] === "number" && typeof parts[1] === "number" &&
      parts[0] > 0 && parts[1] > 0 && parts[0] + parts[1] === key.value;
    return isSum ? columnsCalled(table, ["total", "token"]) : [];
  },
};
