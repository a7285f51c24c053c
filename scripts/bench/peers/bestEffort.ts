/** The adapter of best-effort-json-parser, a peer that the parser is measured against. @module */

import { parse, setErrorLogger } from "npm:best-effort-json-parser@1.5.1";

setErrorLogger(() => {});

/** Reads a text with best-effort-json-parser; throws when it gives up. */
export function readWithBestEffort(text: string): unknown {
  return parse(text);
}
