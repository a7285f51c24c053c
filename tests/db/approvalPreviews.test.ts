/** What reaches a person of a question: the way to the answer, the alternatives, and a row before and after. */

import assert from "node:assert/strict";
import {
  approveFix,
  chooseAlternative,
  listApprovals,
  previewFix,
} from "../../supabase/functions/_shared/approvals.ts";
import { accessOf, waitingPolicyFix } from "../helpers/approvals.ts";
import { setSetting } from "../helpers/contract.ts";
import { engineOf, prepared } from "../helpers/engine.ts";

Deno.test("a question goes to people with what to do next, and with a link when the dashboard has an address", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  await assert.rejects(setSetting(contract.rpc, "dashboard_url", "javascript:alert(1)"), {
    code: "BAD_REQUEST",
  });
  await setSetting(contract.rpc, "dashboard_url", "https://admin.example.com/");
  const { id, preview_key } = await waitingPolicyFix(database, contract);
  const [told] = await database.query<{ body: string }>(
    "select body from notifications where dedupe_key like 'approval:%'",
  );
  assert.match(told!.body, new RegExp(`https://admin\\.example\\.com/approvals/${id}`));
  assert.match(
    told!.body,
    new RegExp(`select decide_approval\\('${id}', 'approve', 'why', '${preview_key}'\\)`),
  );
});

Deno.test("an alternative that changes the database shows what it would change, and another thing comes back when it is chosen", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { id } = await waitingPolicyFix(database, contract);
  const alternative = {
    action: { kind: "create_schema", schema: "elsewhere" },
    target: "schema:elsewhere",
    risk: "medium",
    tier: "deterministic",
    confidence: 0.5,
    reason: "another way",
    what_will_happen: "create schema elsewhere",
    preview: null,
  };
  await database.query("update admin_approval_queue set alternatives = $1::jsonb", [
    JSON.stringify([alternative]),
  ]);
  await chooseAlternative(contract.rpc, id, 1, "rather this");
  await using engine = engineOf(database, contract);
  assert.equal((await engine.detectAndHeal()).fixes_applied, 0, "nobody has seen what it changes");
  const [again] = await listApprovals(contract.rpc);
  assert.deepEqual(again!.preview!.objects.map(({ name, change }) => [name, change]), [[
    "elsewhere",
    "made",
  ]]);
  assert.equal((await approveFix(again!.id, "yes", accessOf(contract))).kind, "approved");
  assert.equal((await engine.detectAndHeal()).fixes_applied, 1);
});

Deno.test("previewFix() shows a row before and after without touching it", async () => {
  const row = { orderId: 7, note: "x" };
  const shown = await previewFix({ kind: "rename_column", from: "orderId", to: "order_id" }, {
    payload: { row, columns: ["order_id", "note"] },
  });
  assert.equal(shown.kind, "works");
  if (shown.kind !== "works") return;
  const { before, after } = shown.changes.objects[0]!;
  assert.deepEqual([before, after], [["orderId: 7"], ["order_id: 7"]]);
  assert.deepEqual(row, { orderId: 7, note: "x" });
  await assert.rejects(previewFix({ kind: "retry" }, {}), TypeError);
});
