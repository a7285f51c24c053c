/** What reaches into a protected area waits for a person, however it is named and whatever it says of itself. */

import assert from "node:assert/strict";
import { captureErrors, claimErrors, proposeFix } from "../../supabase/functions/_shared/healingDb.ts";
import { type Contract, occurrence, proposal, setSetting } from "../helpers/contract.ts";
import { prepared } from "../helpers/engine.ts";

let count = 0;

async function decisionOn(contract: Contract, changes: Parameters<typeof proposal>[1]): Promise<string> {
  const { errors: [group] } = await captureErrors(contract.rpc, [
    occurrence({ fingerprint: `v1:${++count}` }),
  ]);
  const [error] = await claimErrors(contract.rpc, { worker: "test", errorId: group!.id });
  const { decision, reason } = await proposeFix(contract.rpc, proposal(error!, changes));
  return `${decision}: ${reason}`;
}

Deno.test("a fix whose target names a protected area in any place waits for a person", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  for (
    const target of [
      "schema:billing",
      "policies:billing.invoices",
      "grants:table billing.invoices",
      'grants:table "billing".invoices',
      "grants:function auth.uid()",
      "grants:schema BILLING",
    ]
  ) {
    assert.equal(
      await decisionOn(contract, { target }),
      `suggest: the target is a protected area: ${/auth/.test(target) ? "auth" : "billing"}`,
      target,
    );
  }
  for (const target of ["extension:unaccent", "grants:table billing_notes", "policies:author.books"]) {
    assert.match(await decisionOn(contract, { target }), /^auto: /, target);
  }
});

Deno.test("a fix whose rehearsal touched a protected area waits, although its target does not say so", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const object = { class: "relation", name: "billing.invoices", change: "changed", before: [], after: ["x"] };
  const touching = { objects: [object], rows: [] };
  assert.match(await decisionOn(contract, { preview: touching }), /protected area: billing$/);
  const writing = { objects: [], rows: [{ table: "secrets.keys", before: 1, after: 2, written: 1 }] };
  assert.match(await decisionOn(contract, { preview: writing }), /protected area: secrets$/);
  const elsewhere = { objects: [{ ...object, name: "public.orders" }], rows: [] };
  assert.match(await decisionOn(contract, { preview: elsewhere }), /^auto: /);
  await setSetting(contract.rpc, "protected_areas", ["orders"]);
  assert.match(await decisionOn(contract, { preview: elsewhere }), /protected area: orders$/);
});
