import assert from "node:assert/strict";
import { isCircuitOpenError } from "../../supabase/functions/_shared/circuitBreaker.ts";
import type { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";

/** A project without a single key: everything heals, and nothing is recorded. */
const settings = readSettings({ get: () => undefined });
const request = new Request("http://localhost/functions/v1/checkout");
const coded = (code: string) => (error: unknown) => (error as HealingError).code === code;

/** Fails a number of times, then succeeds. */
function flaky(failures: number, error: () => unknown) {
  const calls = { count: 0 };
  const work = () => ++calls.count <= failures ? Promise.reject(error()) : Promise.resolve("done");
  return { calls, work };
}

const busy = () => Object.assign(new Error("busy"), { status: 503 });

Deno.test("protectedDBCall() makes a read again, and a write only where its author says that it may", async () => {
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(request, {
    settings,
    functionName: "reads",
  });
  const read = flaky(1, busy);
  assert.equal(await protectedDBCall(read.work, { effect: "read", name: "db-a" }), "done");
  const write = flaky(1, busy);
  await assert.rejects(protectedDBCall(write.work, { name: "db-b" }));
  assert.deepEqual([read.calls.count, write.calls.count], [2, 1]);
});

Deno.test("protectedDBCall() takes the error that supabase-js answers for one, and gives an answer without error as it is", async () => {
  const { protectedDBCall } = await initializeEnterpriseInfrastructure(request, { settings });
  const answer = { data: [1], error: null, status: 200 };
  assert.equal(await protectedDBCall(() => Promise.resolve(answer), { name: "db-c" }), answer);
  const refused = {
    data: null,
    error: { code: "23505", message: "duplicate key", details: null, hint: null },
    status: 409,
  };
  await assert.rejects(
    protectedDBCall(() => Promise.resolve(refused), { name: "db-c" }),
    (error: HealingError) => {
      return String(JSON.stringify(error.cause ?? error)).includes("23505") ||
        /duplicate key/.test(String(error.cause ?? error.message));
    },
  );
});

Deno.test("protectedAICall() ends a call that takes too long, and refuses further ones when its target is down", async () => {
  const { protectedAICall } = await initializeEnterpriseInfrastructure(request, { settings });
  let seen: AbortSignal | undefined;
  const hangs = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      seen = signal;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  await assert.rejects(
    protectedAICall(hangs, { name: "slow", limitMs: 5, effect: "write" }),
    coded("TIMEOUT"),
  );
  assert.equal(seen!.aborted, true);
  const down = flaky(Infinity, busy);
  for (let call = 0; call < 5; call++) {
    await assert.rejects(protectedAICall(down.work, { name: "down", effect: "write" }));
  }
  const reached = down.calls.count;
  await assert.rejects(protectedAICall(down.work, { name: "down", effect: "write" }), (error) => {
    return isCircuitOpenError(error) || isCircuitOpenError((error as Error).cause);
  });
  assert.equal(down.calls.count, reached, "a target that is down is not called");
});

Deno.test("protectedAICall() lets a default stand in where its author gives one", async () => {
  const { protectedAICall } = await initializeEnterpriseInfrastructure(request, { settings });
  const answer = await protectedAICall((): Promise<string> => Promise.reject(busy()), {
    name: "stand-in",
    effect: "write",
    means: { defaultValue: () => "no suggestion today" },
  });
  assert.equal(answer, "no suggestion today");
});

Deno.test("initializeEnterpriseInfrastructure() says what is missing when something is used that needs it", async () => {
  const { resilientDb, ai } = await initializeEnterpriseInfrastructure(request, { settings });
  await assert.rejects(resilientDb.insert("messages", { a: 1 }), coded("CONFIG_MISSING"));
  assert.equal(typeof (await ai()).availability().available, "boolean");
});
