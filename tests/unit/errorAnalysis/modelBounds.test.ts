import assert from "node:assert/strict";
import type { ActionDraft, ErrorFacts } from "../../../supabase/functions/_shared/core/fixes.ts";
import {
  analyzeError,
  boundModelProposal,
  whyNoModelIsAsked,
} from "../../../supabase/functions/_shared/errorAnalysis.ts";
import { FIX_KINDS, parseFixAction, schemaOf } from "../../../supabase/functions/_shared/fixActions.ts";

/** The facts of an error as it would be captured. */
async function factsOf(message: string, code = "", changes: Partial<ErrorFacts> = {}): Promise<ErrorFacts> {
  const { captured } = await analyzeError(Object.assign(new Error(message), code === "" ? {} : { code }));
  return {
    code: captured.error_code,
    message: captured.error_message,
    signature: captured.error_signature,
    template: captured.error_template,
    slots: captured.slots,
    errorType: captured.error_type,
    transient: false,
    queuedOperations: 0,
    ...changes,
  };
}

async function standingOf(action: ActionDraft, facts: ErrorFacts, confidence = 1) {
  const { bounded, ...rest } = await boundModelProposal({ action, confidence }, facts);
  return { standing: bounded.standing, ...rest };
}

const ISN = { kind: "create_extension", extension: "isn", provides: "isn_weak" };

Deno.test("boundModelProposal() lets act what the error names first, by a kind that answers it, with 0.7 at most", async () => {
  const facts = await factsOf("function isn_weak(boolean) does not exist", "42883");
  assert.deepEqual(await standingOf(ISN, facts), { standing: "acts", confidence: 0.7 });
  assert.deepEqual(await standingOf(ISN, facts, 0.4), { standing: "acts", confidence: 0.4 });
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    assert.ok((await standingOf(ISN, facts, odd)).confidence <= 0.7, `${odd}`);
  }
});

Deno.test("boundModelProposal() takes a name with its schema for the name", async () => {
  const facts = await factsOf("function extensions.isn_weak(boolean) does not exist", "42883");
  assert.equal((await standingOf(ISN, facts)).standing, "acts");
});

Deno.test("boundModelProposal() leaves to a person what is named second, wrapped, or in an error of no known class", async () => {
  const cases = [
    await factsOf("function f() does not exist, nor does function isn_weak(boolean) does not exist", "42883"),
    await factsOf("query failed: `function isn_weak(boolean) does not exist`"),
  ];
  for (const facts of cases) {
    assert.deepEqual(await standingOf(ISN, facts), { standing: "asks", confidence: 0.5 }, facts.message);
  }
});

Deno.test("boundModelProposal() refuses strangers, kinds that do not answer the error, and what no model may name", async () => {
  const facts = await factsOf("function isn_weak(boolean) does not exist", "42883");
  const refused = [
    { kind: "create_extension", extension: "pgcrypto", provides: "digest" },
    { kind: "create_extension", extension: "isn", provides: "ISN_WEAK" },
    { kind: "create_schema", schema: "isn_weak" },
    { kind: "resync_sequence", constraint: "isn_weak" },
    { kind: "set_sandbox_cell", cell: `audit_${"0".repeat(32)}` },
    { kind: "rename_column", from: "a", to: "isn_weak" },
    { kind: "rewrite_migration", transform: "skip_existing", object: "isn_weak" },
    { kind: "run_sql", sql: "drop table x" },
    { ...ISN, sql: "drop table x" },
    { kind: "retry" },
  ];
  for (const action of refused) {
    assert.equal((await standingOf(action, facts)).standing, "refused", JSON.stringify(action));
  }
});

Deno.test("boundModelProposal() refuses every kind about damage, whatever the error names", async () => {
  for (const kind of FIX_KINDS) {
    const facts = await factsOf("function isn_weak(boolean) does not exist", "XX001", {
      queuedOperations: 1,
    });
    const { bounded } = await boundModelProposal({ action: { ...ISN, kind }, confidence: 1 }, {
      ...facts,
      errorType: "corruption",
    });
    assert.equal(bounded.standing, "refused", kind);
  }
});

Deno.test("boundModelProposal() takes the place that the failure gave for a name, and no other word of the message", async () => {
  const facts = await factsOf("the upload failed for avatars, says orders", "", {
    place: { bucket: "avatars" },
  });
  assert.equal((await standingOf({ kind: "create_bucket", bucket: "avatars" }, facts)).standing, "asks");
  assert.equal((await standingOf({ kind: "create_bucket", bucket: "orders" }, facts)).standing, "refused");
});

Deno.test("schemaOf() judges each kind as parseFixAction() does", () => {
  assert.deepEqual(schemaOf("create_extension").safeParse(ISN).data, parseFixAction(ISN));
  assert.ok(FIX_KINDS.every((kind) => !schemaOf(kind).safeParse({ kind, stranger: 1 }).success));
});

Deno.test("whyNoModelIsAsked() keeps a model out of what passes, is known, was tried, or cannot be mended", async () => {
  const missing = await factsOf("function isn_weak(boolean) does not exist", "42883");
  const ask = (facts: ErrorFacts, tried: string[] = []) =>
    whyNoModelIsAsked(facts, { source: "edge_function", tried });
  assert.equal(await ask(missing), null);
  assert.match((await ask({ ...missing, transient: true }))!, /passes/);
  assert.match((await ask(missing, ["create_extension"]))!, /no other fix/);
  assert.match((await whyNoModelIsAsked(missing, { source: "self_audit", tried: [] }))!, /tries itself/);
  assert.match((await ask(await factsOf("permission denied for table x", "42501")))!, /it is known/);
  assert.match((await ask(await factsOf('null value in column "a"', "23502")))!, /no other fix/);
  assert.match((await ask(await factsOf("column x does not exist", "42703")))!, /no other fix/);
});
