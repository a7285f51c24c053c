/** The learning network between two databases. */

import assert from "node:assert/strict";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { exportPatterns, importPatterns } from "../../supabase/functions/_shared/patternSharing.ts";
import { occurrence, openContract, setSetting } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { engineOf, prepared } from "../helpers/engine.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { documentDraft, sharedPattern, signDraft } from "../helpers/patternDocuments.ts";
import { countsOfSharing, trustedKey, trusting } from "../helpers/patternNetwork.ts";
import { patternWith } from "../helpers/patterns.ts";

Deno.test("exportPatterns() and importPatterns() carry what one project has learned into another, without its evidence", async () => {
  const { database, contract, key } = await trusting();
  await using _database = database;
  await using _contract = contract;
  await using source = await createTestDatabase();
  await using there = await openContract(source);
  await patternWith(there.rpc, "++++++++");
  const { document, exported, withheld } = await exportPatterns(there.rpc, { privateKey: key.privateKey });
  assert.deepEqual([exported, withheld], [1, {}]);
  const imported = await importPatterns(contract.rpc, document!);
  assert.deepEqual([imported.added, imported.known, imported.replayed], [1, 0, false]);
  const [pattern] = await database.query(
    `select error_signature, fix_strategy, origin, confidence_score, auto_fixable, success_count, weighted_successes,
     (select change from pattern_changes) as change from universal_error_patterns`,
  );
  assert.deepEqual(pattern, {
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "create_schema", schema: "$1" },
    origin: "imported",
    confidence_score: 0.5,
    auto_fixable: false,
    success_count: 0,
    weighted_successes: 0,
    change: "imported",
  });
  const [row] = await database.query(
    "select issuer_key, pattern_count, new_count, imported_by from pattern_imports",
  );
  assert.deepEqual(row, {
    issuer_key: key.publicKey,
    pattern_count: 1,
    new_count: 1,
    imported_by: "postgres",
  });
});

Deno.test("exportPatterns() keeps at home what names something, what is not trusted, what a person vouched for, and what one project alone knows", async () => {
  const { database, contract, key } = await trusting();
  await using _database = database;
  await using _contract = contract;
  const good = "++++++++";
  await patternWith(contract.rpc, good);
  await patternWith(contract.rpc, good, { error_signature: "3F000: schema acme_payroll does not exist" });
  await patternWith(contract.rpc, good, { error_signature: "schema $1 does not exist" });
  await patternWith(contract.rpc, good, { fix_strategy: { kind: "create_schema", schema: "acme_payroll" } });
  await patternWith(contract.rpc, good, { fix_strategy: { kind: "patch_acme" } });
  await patternWith(contract.rpc, "+++", { error_signature: "3F000: relation $1 does not exist" });
  await patternWith(contract.rpc, good, {
    project_id: "acme",
    error_signature: "3F000: type $1 does not exist",
  });
  const vouched = await patternWith(contract.rpc, "+", { error_signature: "3F000: role $1 does not exist" });
  await contract.rpc.call("promote_pattern", { p_pattern_id: vouched.id, p_reason: "yes" });
  const { document, exported, withheld } = await exportPatterns(contract.rpc, { privateKey: key.privateKey });
  assert.equal(exported, 1);
  assert.deepEqual(withheld, {
    "its signature holds a word that could name something": 2,
    "a parameter of its fix is neither a slot nor a known word": 1,
    "its fix is of no known kind, or its parameters do not fit": 1,
  });
  assert.ok(!document!.includes("acme"));
});

Deno.test("exportPatterns() shares what an extension provides, and says when nothing may leave", async () => {
  const { database, contract, key } = await trusting();
  await using _database = database;
  await using _contract = contract;
  assert.equal((await exportPatterns(contract.rpc, { privateKey: key.privateKey })).document, null);
  await patternWith(contract.rpc, "++++++++", {
    error_signature: "42883: function unaccent(text) does not exist",
    fix_strategy: { kind: "create_extension", extension: "unaccent", provides: "unaccent" },
  });
  const { document } = await exportPatterns(contract.rpc, { privateKey: key.privateKey });
  assert.equal((await importPatterns(contract.rpc, document!)).known, 1);
  await assert.rejects(exportPatterns(contract.rpc, { privateKey: "nonsense" }), { code: "CONFIG_MISSING" });
  await assert.rejects(exportPatterns(contract.rpc, { ...key, validDays: 91 }), RangeError);
});

Deno.test("importPatterns() never changes what is known here: evidence, trust, retirement or a person's word", async () => {
  const { database, contract, key } = await trusting();
  await using _database = database;
  await using _contract = contract;
  const { id } = await patternWith(contract.rpc, "++++++--");
  await contract.rpc.call("demote_pattern", { p_pattern_id: id, p_reason: "no" });
  await database.query("update universal_error_patterns set status = 'retired', retired_because = 'bad'");
  const before = await database.query("select * from universal_error_patterns");
  const text = await signDraft(documentDraft(key), key);
  assert.deepEqual({ ...await importPatterns(contract.rpc, text), importId: "" }, {
    importId: "",
    added: 0,
    known: 1,
    replayed: false,
  });
  assert.deepEqual(await database.query("select * from universal_error_patterns"), before);
  assert.deepEqual(await database.query("select was_new from imported_patterns"), [{ was_new: false }]);
});

Deno.test("importPatterns() takes a document once, also from many clients, and refuses another one under its id", async () => {
  const { database, contract, key } = await trusting();
  await using _database = database;
  await using _contract = contract;
  const draft = documentDraft(key);
  const text = await signDraft(draft, key);
  const clients = await Promise.all(Array.from({ length: 16 }, () => openContract(database)));
  const imported = await Promise.all(clients.map(({ rpc }) => importPatterns(rpc, text)));
  await Promise.all(clients.map((one) => one[Symbol.asyncDispose]()));
  assert.equal(imported.filter(({ replayed }) => !replayed).length, 1);
  assert.deepEqual(await countsOfSharing(database), { patterns: 1, imports: 1, items: 1 });
  const changed = await signDraft({ ...draft, patterns: [sharedPattern({ category: "migration" })] }, key);
  await assert.rejects(importPatterns(contract.rpc, changed), { code: "CONFLICT" });
  // Spaces and the order of keys are no change.
  const { format, ...rest } = JSON.parse(text);
  const respaced = JSON.stringify({ ...rest, format }, null, 2);
  assert.equal((await importPatterns(contract.rpc, respaced)).replayed, true);
});

Deno.test("importPatterns() gives an imported pattern no right to act; a person's choice is its first evidence", async () => {
  const [database, contract] = await prepared();
  await using _database = database;
  await using _contract = contract;
  const { key, setting } = await trustedKey();
  await setSetting(contract.rpc, "trusted_pattern_keys", setting);
  const error_signature = "XX123: relation $1 does not exist";
  const text = await signDraft(documentDraft(key, { patterns: [sharedPattern({ error_signature })] }), key);
  await importPatterns(contract.rpc, text);
  await captureErrors(contract.rpc, [
    occurrence({
      error_code: "XX123",
      error_message: "relation lab does not exist",
      error_signature,
      slots: ["lab"],
    }),
  ]);
  await using engine = engineOf(database, contract);
  assert.deepEqual((await engine.detectAndHeal()).fixes_waiting, 1);
  const [approval] = await database.query<{ id: string; reason: string }>(
    "select id, reason from admin_approval_queue",
  );
  assert.match(approval!.reason, /medium risk needs a trusted pattern/);
  await contract.rpc.call("decide_approval", {
    p_approval_id: approval!.id,
    p_decision: "approve",
    p_reason: "try",
  });
  await engine.detectAndHeal();
  const [fix] = await database.query(
    "select status, tier, evidence #>> '{decision,decision}' as decision from auto_fixes",
  );
  assert.deepEqual(fix, { status: "validating", tier: "learned", decision: "options" });
});

Deno.test("exportPatterns() dates a document by its clock, and importPatterns() judges it by its own", async () => {
  const { database, contract, key } = await trusting();
  await using _database = database;
  await using _contract = contract;
  await patternWith(contract.rpc, "++++++++");
  const clock = new FakeClock("2026-03-01T12:00:00Z");
  const { document } = await exportPatterns(contract.rpc, {
    privateKey: key.privateKey,
    validDays: 2,
    clock,
  });
  const { issued_at, expires_at } = JSON.parse(document!);
  assert.equal(Date.parse(expires_at) - Date.parse(issued_at), 2 * 86_400_000);
  assert.equal(Date.parse(issued_at), clock.now());
  await setSetting(contract.rpc, "trusted_pattern_keys", [key.publicKey]);
  clock.advance(2 * 86_400_000);
  await assert.rejects(importPatterns(contract.rpc, document!, { clock }), { code: "BAD_REQUEST" });
});
