import assert from "node:assert/strict";
import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import { type CapturedError, captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { occurrence, openContract } from "../helpers/contract.ts";
import { createTestDatabase } from "../helpers/database.ts";
import { operation } from "../helpers/engine.ts";

function recorder(): { captured: CapturedError[]; reporter: () => Promise<Reporter> } {
  const captured: CapturedError[] = [];
  return {
    captured,
    reporter: () =>
      Promise.resolve({
        capture: (errors) => Promise.resolve({ queued: captured.push(...errors) }),
        healed: () => Promise.resolve(),
      }),
  };
}

const post = () => new Request("http://project.test/", { method: "POST", body: "{}" });

Deno.test("withSelfHealing() captures no mistake of a caller: it would flood those who are asked", async () => {
  const { captured, reporter } = recorder();
  const mistakes = [
    new HealingError("BAD_REQUEST", "no"),
    new HealingError("NOT_FOUND", "no"),
    toDatabaseError({ code: "PT404", detail: "NOT_FOUND", message: "no table" }),
  ];
  for (const mistake of mistakes) {
    await withSelfHealing(() => Promise.reject(mistake), { functionName: "f", reporter })(post());
  }
  const faults = [
    toDatabaseError({ code: "42501", message: "permission denied for table orders" }),
    new HealingError("RATE_LIMITED", "slow down"),
  ];
  for (const fault of faults) {
    await withSelfHealing(() => Promise.reject(fault), { functionName: "f", reporter })(post());
  }
  await flushErrors();
  assert.deepEqual(captured.map((error) => error.error_code), ["42501", "RATE_LIMITED"]);
});

Deno.test("withSelfHealing() tells a caller nothing of what the database said", async () => {
  const { reporter } = recorder();
  const error = toDatabaseError({
    code: "23502",
    message: 'null value in column "salary" violates not-null constraint',
  });
  const response = await withSelfHealing(() => Promise.reject(error), { functionName: "f", reporter })(
    post(),
  );
  assert.equal((await response.json()).message, "The database refused the request.");
  await flushErrors();
});

Deno.test("withSelfHealing() captures a handler that forgot to return a response", async () => {
  const { captured, reporter } = recorder();
  const forgetful = (() => Promise.resolve(undefined)) as unknown as () => Promise<Response>;
  const response = await withSelfHealing(forgetful, { functionName: "forgetful", reporter })(post());
  assert.equal(response.status, 500);
  await flushErrors();
  assert.match(captured[0]!.error_message, /forgetful returned no Response/);
});

Deno.test("capture_errors() says that it keeps an operation only when it waits as it was sent", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const queued = async (changes: object) =>
    (await captureErrors(contract.rpc, [occurrence({ operation: { ...operation("k-1"), ...changes } })]))
      .queued;
  assert.equal(await queued({}), 1);
  assert.equal(await queued({}), 1);
  assert.equal(await queued({ payload: { another: "body" } }), 0);
  await database.query("update queued_operations set status = 'done', finished_at = now()");
  assert.equal(await queued({}), 0);
});

Deno.test("a notification about an error says what broke and what to type", async () => {
  await using database = await createTestDatabase();
  await using contract = await openContract(database);
  const { errors: [group] } = await captureErrors(contract.rpc, [occurrence()]);
  const [claim] = await contract.rpc.call<{ id: string; claim_number: number }[]>("claim_errors", {
    p_worker: "w",
  });
  await contract.rpc.call("release_error", {
    p_error_id: claim!.id,
    p_claim_number: claim!.claim_number,
    p_status: "escalated",
    p_reason: "no rule knows it",
  });
  const [row] = await database.query<{ title: string; body: string; details: { next: string } }>(
    "select title, body, details from notifications where severity = 'high' and details ? 'error_id'",
  );
  assert.equal(row!.title, 'checkout: schema "shop" does not exist');
  assert.equal(row!.body, "no rule knows it");
  await database.query(row!.details.next.replace("'why'", "'a test'"));
  const [error] = await database.query("select status from detected_errors where id = $1", [group!.id]);
  assert.equal(error!.status, "open");
});

Deno.test("withSelfHealing() counts a failure once, also when its operation is not kept, and names its project", async () => {
  const captured: CapturedError[] = [];
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => {
        captured.push(...errors);
        return Promise.resolve({ queued: 0 });
      },
      healed: () => Promise.resolve(),
    });
  const fault = Object.assign(new Error('relation "orders" does not exist'), { code: "42P01" });
  const options = { functionName: "orders", projectId: "shop", replay: true, reporter };
  const request = new Request("http://project.test/", {
    method: "POST",
    body: "{}",
    headers: { "idempotency-key": "k", "content-length": "2" },
  });
  const response = await withSelfHealing(() => Promise.reject(fault), options)(request);
  assert.doesNotMatch(String((await response.json()).hint), /is kept/);
  await flushErrors();
  assert.deepEqual(captured.map((error) => error.project_id), ["shop"]);
});
