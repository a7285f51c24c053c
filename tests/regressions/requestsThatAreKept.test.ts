import assert from "node:assert/strict";
import {
  captureError,
  flushErrors,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import { captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";

const settings = {
  url: "http://x",
  publishableKey: "pk",
  secretKeys: [],
  machineKeys: [],
  databaseUrl: undefined,
};
function failing(): Promise<Response> {
  throw Object.assign(new Error("function unaccent(text) does not exist"), { code: "42883" });
}
const post = (body: string) =>
  new Request("http://x/functions/v1/f", {
    method: "POST",
    headers: { "idempotency-key": crypto.randomUUID(), "content-length": `${body.length}` },
    body,
  });

Deno.test("withSelfHealing() says that a request is kept only when it is", async () => {
  await using database = await createTestDatabase();
  const reporter = () =>
    Promise.resolve({
      capture: () => Promise.reject(new Error("the database is down")),
      healed: () => Promise.resolve(),
    });
  const handler = withSelfHealing(failing, { functionName: "f", replay: true, settings, reporter });
  const answer = await (await handler(post("{}"))).json();
  await flushErrors();
  const [{ count }] = await database.query<{ count: number }>(
    "select count(*)::int from queued_operations",
  ) as [{ count: number }];
  assert.ok(count === 1 || !/kept/.test(answer.hint ?? ""), `answer: ${answer.hint}; operations: ${count}`);
});

for (
  const [what, body] of [["a NUL", '{"x":"\\u0000"}'], ["a lone surrogate", '{"x":"\\ud800"}'], [
    "a depth of 20000",
    "[".repeat(20_000) + "]".repeat(20_000),
  ]] as const
) {
  Deno.test(`withSelfHealing() stores the error although the request's body has ${what}`, async () => {
    await using database = await createTestDatabase();
    await using contract = await openContract(database);
    const reporter = () =>
      Promise.resolve({
        capture: (errors: readonly never[]) => captureErrors(contract.rpc, errors),
        healed: () => Promise.resolve(),
      });
    const handler = withSelfHealing(failing, {
      functionName: "f",
      replay: true,
      settings,
      reporter: reporter as never,
    });
    captureError(
      new Error("another request's trouble in the same moment"),
      { functionName: "g" },
      reporter as never,
    );
    const answer = await (await handler(post(body))).json();
    await flushErrors();
    const rows = await database.query("select function_name from detected_errors order by 1");
    assert.deepEqual(rows.map((r) => r.function_name), ["f", "g"], `hint: ${answer.hint}`);
  });
}

Deno.test("capture_errors() refuses a bad occurrence alone, and keeps the rest of the batch", async () => {
  await using database = await createTestDatabase();
  const good = { fingerprint: "v1:good", error_message: "m" };
  for (
    const bad of [{ occurrences: "many" }, { category: "nonsense" }, { severity: 7 }, {
      operation: { kind: "invoke_function", target: "f", idempotency_key: "k", caller_role: "postgres" },
    }]
  ) {
    await database.rpc("capture_errors", {
      p_errors: [good, { fingerprint: "v1:bad", error_message: "m", ...bad }],
    }).catch(() => {});
    const rows = await database.query("select from detected_errors where fingerprint = 'v1:good'");
    assert.equal(rows.length, 1, `all is lost for ${JSON.stringify(bad)}`);
  }
});
