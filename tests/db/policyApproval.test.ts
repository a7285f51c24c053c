/** A policy that leads back to its table, from the error to the healed call: a person decides, the engine does. */

import assert from "node:assert/strict";
import { analyzeError } from "../../supabase/functions/_shared/errorAnalysis.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { ALICE, seenBy } from "../helpers/accessFixes.ts";
import { waitingPolicyFix } from "../helpers/approvals.ts";
import { engineOf, prepared } from "../helpers/engine.ts";

const COUNT = "select count(*)::int as n from members";

Deno.test("a recursive policy waits for a person, and is healed and watched once the person agrees", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waitingPolicyFix(database, contract);
  assert.equal(await seenBy(database, ALICE, COUNT), "42P17");
  await contract.rpc.call("decide_approval", {
    p_approval_id: id,
    p_decision: "approve",
    p_reason: "this is how it is meant",
  });
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
  assert.deepEqual(await seenBy(database, ALICE, COUNT), [{ n: 1 }]);
  const [fix] = await database.query<{ kind: string; status: string; saved: string; risk: string }>(
    "select action_kind as kind, status, rollback_point::text as saved, risk from auto_fixes",
  );
  assert.equal(fix!.kind, "replace_policy");
  assert.equal(fix!.risk, "high");
  assert.match(fix!.saved, /members_1/);
});

Deno.test("a refused right that nobody mends says why, and what a person can do", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const error = { code: "PGRST106", message: "Invalid schema: internal" };
  const { captured } = await analyzeError(
    Object.assign(new Error(error.message), error, { name: "PostgrestError" }),
  );
  await captureErrors(contract.rpc, [captured]);
  await using engine = engineOf(database, contract);
  await engine.detectAndHeal();
  const [group] = await database.query<{ status: string; all: string }>(
    "select status, to_jsonb(e)::text as all from detected_errors e",
  );
  assert.equal(group!.status, "escalated");
  assert.match(group!.all, /a repair never exposes one/);
});

Deno.test("the place of a failure says which role was refused, and only names of the catalogue count", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await database.query("create table orders (id int); revoke all on orders from service_role");
  const error = { code: "42501", message: "permission denied for table orders" };
  for (const role of ["anon", "service_role; drop table orders", "service_role"]) {
    const { captured } = await analyzeError(Object.assign(new Error(error.message), error), {
      details: { role },
    });
    await captureErrors(contract.rpc, [{
      ...captured,
      fingerprint: `v1:${role}`,
    }]);
  }
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_waiting, 1);
  assert.deepEqual(await database.query("select action from auto_fixes"), [
    { action: { kind: "grant_privilege", on: "table", name: "orders", to: "service_role" } },
  ]);
  assert.deepEqual(
    await database.query("select has_table_privilege('service_role', 'orders', 'select') as given"),
    [
      { given: false },
    ],
  );
});
