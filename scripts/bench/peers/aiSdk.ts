/** The adapter of the AI SDK's partial parser, a peer that the parser is measured against. @module */

import { parsePartialJson } from "npm:ai@7.0.173";

/** Reads a text with `parsePartialJson`; throws when it gives up. */
export async function readWithAiSdk(text: string): Promise<unknown> {
  const { value, state } = await parsePartialJson(text);
  if (state === "failed-parse" || state === "undefined-input") throw new SyntaxError(state);
  return value;
}
