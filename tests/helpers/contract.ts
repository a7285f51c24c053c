/** The database contract as a test uses it: the typed client over a direct connection, and ready-made rows. @module */

import type { CapturedError, FixDraft, RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import type { TestDatabase } from "./database.ts";

/** The contract over a connection of its own that ends with the test. */
export interface Contract extends AsyncDisposable {
  readonly rpc: RpcPort;
  readonly connection: DirectConnection;
}

/** Opens the contract of a test database, as the project's `postgres` role. */
export async function openContract(database: TestDatabase): Promise<Contract> {
  const connection = await openDirectConnection(database.url);
  return { rpc: connection.rpc, connection, [Symbol.asyncDispose]: () => connection.close() };
}

/** An occurrence; what a test does not care about is filled in. */
export function occurrence(changes: Partial<CapturedError> = {}): CapturedError {
  return {
    fingerprint: "v1:a",
    error_signature: "3F000: schema $1 does not exist",
    error_template: '3F000: schema "shop" does not exist',
    slots: ["shop"],
    error_type: "missing_schema",
    error_code: "3F000",
    error_message: 'schema "shop" does not exist',
    category: "database",
    severity: "high",
    source: "edge_function",
    function_name: "checkout",
    context: { transient: false },
    ...changes,
  };
}

/** A proposal for a claimed error. */
export function proposal(
  claim: { id: string; claim_number: number },
  changes: Partial<FixDraft> = {},
): FixDraft {
  return {
    detected_error_id: claim.id,
    claim_number: claim.claim_number,
    action: { kind: "create_extension", extension: "unaccent", provides: "unaccent" },
    target: "extension:unaccent",
    tier: "deterministic",
    confidence: 0.9,
    risk: "low",
    reason: "the extension is missing",
    evidence: {},
    pattern: {
      pattern_name: "missing_schema: create_schema",
      error_signature: "3F000: schema $1 does not exist",
      fix_strategy: { kind: "create_schema", schema: "$1" },
      category: "database",
      origin: "deterministic",
    },
    wanted: "auto",
    wanted_because: "the rule is sure",
    what_will_happen: "create extension unaccent",
    alternatives: [],
    ...changes,
  };
}

/** Sets a switch as the owner of the database. */
export function setSetting(rpc: RpcPort, key: string, value: unknown): Promise<unknown> {
  return rpc.call("change_healing_setting", {
    p_key: key,
    p_value: JSON.stringify(value),
    p_reason: "a test",
  });
}
