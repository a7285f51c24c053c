import assert from "node:assert/strict";
import { CircuitBreaker } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import {
  captureError,
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";
import type { CapturedError } from "../../supabase/functions/_shared/healingDb.ts";
import { applyHealingStrategy } from "../../supabase/functions/_shared/healingStrategies.ts";
import { isRetryable, retryAfterOf, retryWithBackoff } from "../../supabase/functions/_shared/retry.ts";
import { ScriptedStore } from "../helpers/scriptedStore.ts";

function refuse(): never {
  throw new Error("it cannot be read");
}

const TRAPS: ProxyHandler<object> = {
  get: refuse,
  has: refuse,
  getPrototypeOf: refuse,
  ownKeys: refuse,
  getOwnPropertyDescriptor: refuse,
};

function trapped(): object {
  return new Proxy(new Error("behind a proxy"), TRAPS);
}

function withGetter(key: string): Error {
  return Object.defineProperty(new Error("getter"), key, { get: refuse });
}

function withParts(parts: object): Error {
  return Object.assign(new Error("parts"), parts);
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function circular(): object {
  const hint: Record<string, unknown> = {};
  return hint.hint = hint;
}

const UNREADABLE: Readonly<Record<string, () => unknown>> = {
  "a proxy whose every trap throws": trapped,
  "a proxy without a prototype to ask for": () => new Proxy(new Error("p"), { getPrototypeOf: refuse }),
  "a revoked proxy": revoked,
  "a getter of its code that throws": () => withGetter("code"),
  "a getter of its name that throws": () => withGetter("name"),
  "a getter of its message that throws": () => withGetter("message"),
  "a getter of its cause that throws": () => withGetter("cause"),
  "a getter of its stack that throws": () => withGetter("stack"),
  "a SQLSTATE and a getter that throws": () =>
    Object.defineProperty(withParts({ code: "42P01" }), "extra", { get: refuse, enumerable: true }),
  "a status that is a symbol": () => withParts({ status: Symbol("503"), statusCode: Symbol("503") }),
  "a status that is no primitive": () => withParts({ status: { valueOf: refuse } }),
  "headers behind a proxy": () => withParts({ headers: new Proxy({}, TRAPS) }),
  "a header that throws": () =>
    withParts({
      headers: {
        get "retry-after"() {
          return refuse();
        },
      },
    }),
  "a header that is no text": () => withParts({ headers: { "retry-after": { toString: refuse } } }),
  "details behind a proxy": () => withParts({ code: "UNAVAILABLE", details: new Proxy({}, TRAPS) }),
  "a hint that is a BigInt": () => withParts({ code: "BAD_REQUEST", hint: 10n }),
  "a hint that is a circle": () => withParts({ code: "UNAVAILABLE", hint: circular() }),
  "a message that is a BigInt": () =>
    Object.assign(Object.create(Error.prototype), { code: "BAD_REQUEST", message: 10n }),
  "nothing": () => null,
  "a symbol": () => Symbol("thrown"),
  "a frozen error": () => Object.freeze(new Error("frozen")),
};

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

/** In an array, since a promise asks what it resolves to whether it is one itself. */
async function rejection(work: () => Promise<unknown>): Promise<[unknown]> {
  try {
    await work();
  } catch (error) {
    return [error];
  }
  assert.fail("it did not reject");
}

for (const [name, make] of Object.entries(UNREADABLE)) {
  Deno.test(`withSelfHealing() answers, captures and keeps the original when what is thrown is or has ${name}`, async () => {
    const thrown = make();
    const { captured, reporter } = recorder();
    const fail = () => Promise.reject(thrown);
    const random = { next: () => 0, uuid: () => crypto.randomUUID() };
    const handler = withSelfHealing(fail, { functionName: `handler: ${name}`, reporter, random });
    const response = await handler(new Request("http://project.test/"));
    assert.ok(response.status >= 400, `${response.status}`);
    assert.equal(typeof (await response.json()).message, "string");
    const work = withSelfHealing(fail, {
      functionName: `function: ${name}`,
      effect: "read",
      reporter,
      random,
    });
    const [error] = await rejection(work);
    assert.ok(Object.is(error, thrown) || isHealingError(error) && Object.is(error.cause ?? thrown, thrown));
    captureError(thrown, { functionName: `captured: ${name}` }, reporter);
    await flushErrors();
    assert.ok(captured.some(({ function_name }) => function_name === `captured: ${name}`));
  });

  Deno.test(`retries, breakers and strategies let through what is or has ${name}`, async () => {
    const thrown = make();
    const fail = () => Promise.reject(thrown);
    assert.equal(typeof isRetryable(thrown), "boolean");
    retryAfterOf(thrown, 0);
    const [afterRetries] = await rejection(() => retryWithBackoff(fail, { baseDelayMs: 0 }));
    assert.ok(Object.is(afterRetries, thrown));
    const store = new ScriptedStore();
    for (const breaker of [new CircuitBreaker(undefined), new CircuitBreaker("target", { store })]) {
      const [behindBreaker] = await rejection(() => breaker.execute(fail));
      assert.ok(Object.is(behindBreaker, thrown));
    }
    const outcome = await applyHealingStrategy<number>(thrown, {
      name: `strategies: ${name}`,
      run: fail,
      defaultValue: () => 7,
    });
    assert.equal(outcome.kind, "standIn");
  });
}
