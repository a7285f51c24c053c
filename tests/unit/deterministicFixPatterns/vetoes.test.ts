/** What no rule and no amount of learning may map. @module */

import assert from "node:assert/strict";
import { healPayload } from "../../../supabase/functions/_shared/deterministicFixPatterns.ts";
import { tableOf } from "../../helpers/payloads.ts";

const UUID = "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11";

/** True when the key lands in the column although nothing but experience speaks for it. */
function lands(table: string, column: string, key: string, value: unknown): boolean {
  const name = column.split(" ")[0]!;
  const learned = [{ table, key, column: name, confirmations: 1_000 }];
  return Object.hasOwn(healPayload(tableOf([table, column]), { [key]: value }, { learned }).row, name);
}

Deno.test("vetoes stand above confirmed mappings", () => {
  const forbidden: [column: string, key: string, value: unknown][] = [
    ["tenant_id uuid", "team_id", UUID],
    ["workspace_id uuid", "org_id", UUID],
    ["owner_id uuid", "user_id", UUID],
    ["role text", "type", "admin"],
    ["user_type text", "kind", "admin"],
    ["is_admin boolean", "admin", true],
    ["email_verified boolean", "checked", true],
    ["marketing_consent boolean", "agreed", true],
    ["password_hash text", "pass", "x"],
    ["api_key text", "key", "x"],
    ["access_token text", "value", "x"],
    ["balance numeric", "quantity", 1],
    ["unit_price numeric", "number", 1],
    ["dosage text", "text", "x"],
    ["disabled boolean", "enabled", true],
    ["inactive boolean", "active", true],
    ["updated_at timestamptz", "created_at", "2026-01-01T00:00:00Z"],
    ["last_seen timestamptz", "first_seen", "2026-01-01T00:00:00Z"],
    ["duration_ms int", "duration_sec", 1],
    ["weight_kg float8", "weight", 1],
    ["temp_c float8", "temp_f", 1],
    ["expires_at timestamptz", "expires_in", "2026-01-01T00:00:00Z"],
  ];
  for (const [column, key, value] of forbidden) {
    assert.ok(!lands("t", column, key, value), `${key} to ${column}`);
  }
});

Deno.test("vetoes keep tables and functions about money and rights to equal names", () => {
  for (
    const table of ["payments", "orders", "ledger_entries", "rpc:transfer", "user_roles", "rpc:set_claim"]
  ) {
    assert.ok(!lands(table, "note text", "remark", "x"), table);
    assert.deepEqual(healPayload(tableOf([table, "note text"]), { Note: "x" }).row, { note: "x" });
  }
});

Deno.test("vetoes leave alone what only looks like a forbidden pair", () => {
  assert.ok(lands("t", "created_by uuid", "user_id", UUID));
  assert.ok(lands("llm_calls", "total_tokens int", "token_sum", 7));
  assert.ok(lands("t", "remark text", "note", "x"));
});
