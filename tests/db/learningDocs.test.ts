/** Every SQL snippet of docs/learning.md, in its order, as an admin runs it: each does what the page says. */

import assert from "node:assert/strict";
import { createFixExperiment } from "../../supabase/functions/_shared/fixExperiments.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { FIX_A, FIX_B, storePattern } from "../helpers/experiments.ts";
import { sqlBlocks } from "../helpers/pageSql.ts";

const PAGE = new URL("../../docs/learning.md", import.meta.url);
const ADMIN = { sub: "ada", app_metadata: { role: "admin" } };
/** Views and tables that may well be empty. */
const MAY_BE_EMPTY = /^select (?:voter|unit|target)\b/;

Deno.test("docs/learning.md shows SQL that an admin can run from top to bottom", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { rpc } = contract;
  for (const signature of ["3F000: schema $1 does not exist", "42883: function $1 does not exist"]) {
    await createFixExperiment(rpc, await storePattern(rpc, signature), FIX_A, FIX_B);
  }
  await captureErrors(rpc, ["v2:a", "v2:b"].map((fingerprint) => occurrence({ fingerprint })));
  const all = sqlBlocks(await Deno.readTextFile(PAGE));
  assert.ok(all.length >= 18, `only ${all.length} snippets`);
  for (const sql of all) {
    const rows = await database.asRole("authenticated", ADMIN, (session) => session.query(sql));
    assert.ok(rows.length > 0 || MAY_BE_EMPTY.test(sql), `no row: ${sql}`);
  }
  const ended = await database.query(
    "select experiment_status, winning_variant from fix_experiments order by error_signature",
  );
  assert.deepEqual(ended, [
    { experiment_status: "completed", winning_variant: "b" },
    { experiment_status: "cancelled", winning_variant: null },
  ]);
  const [merge] = await database.query("select undone_by from error_group_merges");
  assert.equal(merge!.undone_by, "ada");
});
