/** The adapter of jsonrepair, a peer that the parser is measured against. @module */

import { jsonrepair } from "npm:jsonrepair@3.15.0";

/** Reads a text with jsonrepair; throws when it gives up. */
export function readWithJsonrepair(text: string): unknown {
  return JSON.parse(jsonrepair(text));
}
