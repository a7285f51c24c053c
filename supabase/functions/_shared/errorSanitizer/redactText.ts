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
import { applyGroup, groupRules } from "./rule.ts";
import { TOKEN_RULES } from "./tokenRules.ts";

const CREDENTIALS = groupRules(CREDENTIAL_RULES);
const TOKENS = groupRules(TOKEN_RULES);
const PERSONAL_DATA = groupRules(PERSONAL_RULES);

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
  const withoutKeys = applyGroup(applyGroup(redactPemBlocks(text), CREDENTIALS), TOKENS);
  return applyGroup(redactNamedValues(withoutKeys), PERSONAL_DATA);
}
