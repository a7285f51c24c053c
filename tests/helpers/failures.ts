/** Assertions about errors. @module */

import assert from "node:assert/strict";
import {
  type HealingError,
  type HealingErrorCode,
  isHealingError,
} from "../../supabase/functions/_shared/core/errors.ts";

/** The promise must fail with that code, that `details.problem`, and a hint; returns the error. */
export async function failsWith(
  promise: Promise<unknown>,
  code: HealingErrorCode,
  problem: string,
): Promise<HealingError> {
  const error = await promise.then(() => assert.fail("it did not fail"), (reason: unknown) => reason);
  if (!isHealingError(error)) throw error;
  assert.equal(error.code, code, error.message);
  assert.equal(error.details?.problem, problem, error.message);
  assert.ok(error.hint, "a way out is named");
  return error;
}
