/** Errors that a chaos run captures in batches: what rules can mend, what passes with a call that waits, and poison. @module */

import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import type { Chance } from "../lib/simulation.ts";
import type { World } from "./world.ts";

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
  return occurrence(`chaos:unknown:${number}`, { error_code: "X", error_message: `strange ${number}` });
}

function missingSchema(number: number): CapturedError {
  const schema = `${SCHEMA_PREFIX}${number}`;
  return occurrence(`chaos:schema:${number}`, {
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
  return occurrence(`chaos:passing:${number}`, {
    error_type: "provider_overloaded",
    error_code: "503",
    error_message: "busy",
    category: "network",
    context: { transient: true },
    operation: {
      kind: "invoke_function",
      target: "chaos-call",
      payload: { what: "write", key, rows: [{ key, role: "user", content: `message ${key}` }] },
      idempotency_key: key,
      caller_role: "anon",
    },
  });
}

function occurrence(fingerprint: string, changes: Partial<CapturedError>): CapturedError {
  return {
    fingerprint,
    error_signature: `${changes.error_code}: ${changes.error_type}`,
    error_template: `${changes.error_code}: ${changes.error_message}`,
    slots: [],
    error_type: "unknown",
    error_code: "",
    error_message: "",
    category: "runtime",
    severity: "medium",
    source: "edge_function",
    function_name: "chaos-call",
    context: { transient: false },
    ...changes,
  };
}
