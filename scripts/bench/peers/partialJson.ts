/** The adapter of partial-json, a peer that the parser is measured against. @module */

import { parse } from "npm:partial-json@0.1.7";

/** Reads a text with partial-json; throws when it gives up. */
export function readWithPartialJson(text: string): unknown {
  return parse(text);
}
