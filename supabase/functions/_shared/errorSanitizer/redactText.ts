/**
 * Runs every rule over a text until nothing changes.
 *
 * A second pass sees what the first uncovered (a number whose neighbour is now a bracket), which makes the whole
 * idempotent: text that was sanitised is left alone by whoever sanitises it again.
 *
 * @module
 */

import { CREDENTIAL_RULES } from "./credentialRules.ts";
import { redactNamedValues } from "./keyValues.ts";
import { redactPemBlocks } from "./pemBlocks.ts";
import { PERSONAL_RULES } from "./personalRules.ts";
import { applyRule } from "./rule.ts";
import { TOKEN_RULES } from "./tokenRules.ts";

/** Every pass that changes anything turns text into placeholders, so this is never reached by honest text. */
const MAX_PASSES = 8;

/** The text with every recognised secret replaced by a placeholder that names its kind. */
export function redactText(text: string): string {
  let current = text;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const next = redactOnce(current);
    if (next === current) return current;
    current = next;
  }
  return current;
}

function redactOnce(text: string): string {
  let result = redactPemBlocks(text);
  for (const rule of CREDENTIAL_RULES) result = applyRule(result, rule);
  for (const rule of TOKEN_RULES) result = applyRule(result, rule);
  result = redactNamedValues(result);
  for (const rule of PERSONAL_RULES) result = applyRule(result, rule);
  return result;
}
