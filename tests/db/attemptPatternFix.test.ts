/** Code mended by what was learned: the validator decides, and every try counts once. */

import assert from "node:assert/strict";
import {
  attemptPatternFix,
  type CodeError,
  type CodeValidator,
  updatePatternStats,
} from "../../supabase/functions/_shared/patternLearning.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase, type TestDatabase } from "../helpers/database.ts";
import { patternWith } from "../helpers/patterns.ts";

const ERROR: CodeError = {
  signature: "ReferenceError: $1 is not defined",
  template: "ReferenceError: sender is not defined",
  slots: ["sender"],
};
const CODE = "const role = 'user';\nexport default sender;";

/** Runs the code as a module: what it exports has to be the role. */
const runs: CodeValidator = async (fixed) => {
  const module = await import(`data:text/javascript,${encodeURIComponent(fixed)}`);
  return { ok: module.default === "user", reason: `it gives ${module.default}` };
};

const named = (to: string, error_signature = ERROR.signature) => ({
  error_signature,
  fix_strategy: { kind: "rename_identifier", from: "$1", to },
  category: "runtime",
});

async function outcomes(database: TestDatabase): Promise<Record<string, string>> {
  const rows = await database.query<{ to: string; outcome: string }>(
    `select fix_strategy ->> 'to' || case project_id when '' then '' else '@' || project_id end as to,
     success_count || '+' || failure_count || '-' as outcome from universal_error_patterns order by 1`,
  );
  return Object.fromEntries(rows.map(({ to, outcome }) => [to, outcome]));
}

Deno.test("attemptPatternFix() returns the change that the validator accepts, with the pattern's confidence", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { id, confidence_score } = await patternWith(contract.rpc, "++++", named("role"));
  const fix = await attemptPatternFix(ERROR, CODE, { db: contract.rpc, validate: runs });
  assert.deepEqual(fix, {
    fixed: "const role = 'user';\nexport default role;",
    confidence: confidence_score,
    patternId: id,
  });
  assert.deepEqual(await outcomes(database), { role: "5+0-" });
});

Deno.test("attemptPatternFix() tries the best success first, and believes the validator and not the pattern", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await patternWith(contract.rpc, "+++++++", named("missing"));
  await patternWith(contract.rpc, "+++++++-", named("role"));
  const tried: string[] = [];
  const fix = await attemptPatternFix(ERROR, CODE, {
    db: contract.rpc,
    validate: (fixed, error) => {
      tried.push(fixed.slice(-8));
      return runs(fixed, error).catch((reason: Error) => ({ ok: false, reason: reason.message }));
    },
  });
  assert.deepEqual(tried, ["missing;", "lt role;"]);
  assert.match(fix!.fixed, /export default role/);
  assert.deepEqual(await outcomes(database), { missing: "7+1-", role: "8+1-" });
});

Deno.test("attemptPatternFix() returns null below 0.70, for strangers, and for changes that change nothing; nothing counts then", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const options = { db: contract.rpc, validate: () => assert.fail("nothing to validate") };
  await patternWith(contract.rpc, "+", named("role"));
  assert.equal(await attemptPatternFix(ERROR, CODE, options), null);
  await patternWith(contract.rpc, "++++", named("other", "ReferenceError: another"));
  assert.equal(await attemptPatternFix(ERROR, CODE, options), null);
  await patternWith(contract.rpc, "++++", {
    ...named("x"),
    fix_strategy: { kind: "rename_identifier", from: "absent", to: "x" },
  });
  await patternWith(contract.rpc, "++++", {
    ...named("y"),
    fix_strategy: { kind: "create_schema", schema: "$1" },
  });
  await patternWith(contract.rpc, "++++", {
    ...named("z"),
    fix_strategy: { kind: "rename_identifier", from: "$7", to: "z" },
  });
  assert.equal(await attemptPatternFix(ERROR, CODE, options), null);
});

Deno.test("attemptPatternFix() counts the same error in the same code once, and a validator that breaks not at all", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await patternWith(contract.rpc, "++++", named("role"));
  const options = { db: contract.rpc, validate: runs };
  await Promise.all(Array.from({ length: 4 }, () => attemptPatternFix(ERROR, CODE, options)));
  assert.deepEqual(await outcomes(database), { role: "5+0-" });
  await attemptPatternFix(ERROR, `${CODE} // another`, options);
  assert.deepEqual(await outcomes(database), { role: "6+0-" });
  const broken = { db: contract.rpc, validate: () => Promise.reject(new Error("the compiler is away")) };
  assert.equal(await attemptPatternFix(ERROR, `${CODE} // third`, broken), null);
  // An answer that is no clear yes is a no.
  const vague = {
    db: contract.rpc,
    validate: () => Promise.resolve({ ok: "yes", reason: "" } as unknown as { ok: boolean; reason: string }),
  };
  assert.equal(await attemptPatternFix(ERROR, `${CODE} // fourth`, vague), null);
  assert.deepEqual(await outcomes(database), { role: "6+1-" });
});

Deno.test("attemptPatternFix() keeps a fix that stands though its count is lost", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  await patternWith(contract.rpc, "++++", named("role"));
  const db = {
    call: <T>(name: string, args: Record<string, unknown>): Promise<T> =>
      name === "update_pattern_stats"
        ? Promise.reject(new Error("no connection"))
        : contract.rpc.call(name, args),
  };
  assert.notEqual(await attemptPatternFix(ERROR, CODE, { db, validate: runs }), null);
});

Deno.test("attemptPatternFix() counts for the project and for all, and follows the project's own experience", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const shared = await patternWith(contract.rpc, "++++++", named("role"));
  const mine = { ...ERROR, projectId: "shop" };
  await attemptPatternFix(mine, CODE, { db: contract.rpc, validate: runs });
  assert.deepEqual(await outcomes(database), { role: "7+0-", "role@shop": "1+0-" });
  await updatePatternStats(contract.rpc, {
    patternId: shared.id,
    projectId: "shop",
    unit: "u1",
    succeeded: false,
  });
  await updatePatternStats(contract.rpc, {
    patternId: shared.id,
    projectId: "shop",
    unit: "u2",
    succeeded: false,
  });
  const validate = () => assert.fail("the project's own pattern is too weak");
  assert.equal(await attemptPatternFix(mine, `${CODE}//`, { db: contract.rpc, validate }), null);
  assert.notEqual(await attemptPatternFix(ERROR, `${CODE}//`, { db: contract.rpc, validate: runs }), null);
});
