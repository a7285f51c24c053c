/** Errors that a chaos run captures in batches: what rules can mend, what passes with a call that waits, and poison. @module */

import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import { madeError } from "../lib/madeErrors.ts";
import type { Chance } from "../lib/simulation.ts";
import type { World } from "./world.ts";

/** The function of the load. */
const CALLED = "chaos-call";

/** How many different groups of each kind there are. */
const GROUPS = { schema: 20, passing: 80, unknown: 10 };
const BATCH = 20;
/** What the fix of a missing schema makes; nothing else makes it. */
export const SCHEMA_PREFIX = "chaos_s_";

/** Captures a batch through the gateway, as a function would. */
export async function captureBatch(
  world: World,
  chance: Chance,
  poison: readonly unknown[] = [],
): Promise<void> {
  const { ledger } = world;
  const errors = Array.from({ length: BATCH }, () => drawError(chance));
  for (const { fingerprint } of errors) ledger.sending(fingerprint, 1);
  const place = Math.floor(chance() * BATCH);
  const batch = [...errors.slice(0, place), ...poison, ...errors.slice(place)];
  try {
    const answer = await world.rpc("capture_errors", { p_errors: batch });
    await answer.body?.cancel();
    ledger.count(`capture: ${answer.status}`);
    if (!answer.ok) return;
    for (const { fingerprint } of errors) ledger.acknowledged(fingerprint, 1);
  } catch {
    ledger.count("capture: no answer");
  }
}

function drawError(chance: Chance): CapturedError {
  const value = chance();
  if (value < 0.3) return missingSchema(Math.floor(chance() * GROUPS.schema));
  if (value < 0.8) return passing(Math.floor(chance() * GROUPS.passing));
  const number = Math.floor(chance() * GROUPS.unknown);
  return madeError(`chaos:unknown:${number}`, {
    function_name: CALLED,
    error_code: "X",
    error_message: `strange ${number}`,
  });
}

function missingSchema(number: number): CapturedError {
  const schema = `${SCHEMA_PREFIX}${number}`;
  return madeError(`chaos:schema:${number}`, {
    function_name: CALLED,
    error_signature: "3F000: schema $1 does not exist",
    error_template: `3F000: schema "${schema}" does not exist`,
    slots: [schema],
    error_type: "missing_schema",
    error_code: "3F000",
    error_message: `schema "${schema}" does not exist`,
    category: "database",
  });
}

/** A call that failed because somebody was busy; the engine makes it again. */
function passing(number: number): CapturedError {
  const key = `op-${number}`;
  return madeError(`chaos:passing:${number}`, {
    function_name: CALLED,
    error_type: "provider_overloaded",
    error_code: "503",
    error_message: "busy",
    category: "network",
    context: { transient: true },
    operation: {
      kind: "invoke_function",
      target: CALLED,
      payload: { what: "write", key, rows: [{ key, role: "user", content: `message ${key}` }] },
      idempotency_key: key,
      caller_role: "anon",
    },
  });
}
