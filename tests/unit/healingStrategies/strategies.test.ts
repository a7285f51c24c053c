import assert from "node:assert/strict";
import { HealingError } from "../../../supabase/functions/_shared/core/errors.ts";
import { busy, failure, heal, limited, refusalOf, valueOf } from "../../helpers/healing.ts";

Deno.test("RETRY_WITH_BACKOFF heals what passes, and says at which repetition", async () => {
  let calls = 0;
  const run = () => ++calls < 2 ? Promise.reject(busy()) : Promise.resolve("fresh");
  const { outcome } = await heal(busy(), { run });
  assert.equal(outcome.kind, "healed");
  assert.equal(valueOf(outcome), "fresh");
  assert.equal(outcome.tried[0]!.measured, "the same call succeeded at repetition 2");
  assert.match(
    outcome.tried[0]!.because,
    /^expected 0\.60 \+- .*0\.6 by the catalogue, nothing recorded yet$/,
  );
});

Deno.test("RETRY_WITH_BACKOFF takes the author's other form of a call that fails again as it is", async () => {
  const run = () => Promise.reject(new Error("must not be called"));
  const unreadable = new SyntaxError("Unexpected token '<' is not valid JSON");
  const regenerated = await heal(unreadable, { run, regenerate: () => "another text" });
  assert.equal(valueOf(regenerated.outcome), "another text");
  const tooLong = failure("maximum context length", { status: 400, code: "context_length_exceeded" });
  const split = await heal(tooLong, { run, splitIntoChunks: () => "in parts" });
  assert.equal(valueOf(split.outcome), "in parts");
  assert.match(refusalOf((await heal(unreadable, { run })).outcome, "RETRY_WITH_BACKOFF"), /no other form/);
});

Deno.test("RETRY_WITH_BACKOFF counts what a client has sent by itself, unless its author says how much that is", async () => {
  const named = (name: string, parts: object) => Object.assign(busy(), { name, ...parts });
  const clients: [Error, number][] = [
    [named("InternalServerError", { status: 503 }), 3],
    [named("APIConnectionError", { status: undefined, message: "Connection error." }), 3],
    [named("PostgrestError", { code: "PGRST002" }), 4],
    [named("PostgrestError", { message: "upstream connect error" }), 4],
    [named("Error", { code: "PGRST001" }), 4],
    [
      new HealingError("UNAVAILABLE", "no prices", { cause: named("InternalServerError", { status: 500 }) }),
      3,
    ],
  ];
  for (const [error, requests] of clients) {
    const { outcome } = await heal(error);
    assert.match(
      refusalOf(outcome, "RETRY_WITH_BACKOFF"),
      new RegExp(`has made ${requests} requests a call`),
    );
    assert.equal((await heal(error, { requestsPerAttempt: 1 })).outcome.kind, "healed");
    assert.equal((await heal(error, {}, { maxAttempts: 2 * requests })).outcome.kind, "healed");
  }
});

Deno.test("RATE_LIMIT_BACKOFF waits as long as it is asked to, or leaves the other side alone", async () => {
  const short = await heal(limited("2"));
  assert.equal(short.outcome.kind, "healed");
  assert.ok(short.elapsedMs >= 2_000 && short.elapsedMs < 2_300, `${short.elapsedMs} ms`);
  const long = await heal(limited("60"));
  assert.equal(long.outcome.kind, "failed");
  assert.equal(long.outcome.advice, "queueAndDelay");
  assert.match(refusalOf(long.outcome, "RATE_LIMIT_BACKOFF"), /asks for 60000 ms, more than is left/);
});

Deno.test("RESET_CONNECTION opens a connection anew before the call is made again", async () => {
  const order: string[] = [];
  const broken = failure("terminating connection", { code: "57P01" });
  const { outcome } = await heal(broken, {
    connection: { reset: () => order.push("reset") },
    run: () => (order.push("run"), "fresh"),
  });
  assert.deepEqual([order, "by" in outcome && outcome.by], [["reset", "run"], "RESET_CONNECTION"]);
});

Deno.test("CLEAR_CACHE_AND_RETRY throws away what may be stale", async () => {
  const order: string[] = [];
  const { outcome } = await heal(failure("no column", { code: "PGRST204" }), {
    cache: { read: () => undefined, clear: () => order.push("clear") },
    run: () => (order.push("run"), "fresh"),
  });
  assert.deepEqual([order, "by" in outcome && outcome.by], [["clear", "run"], "CLEAR_CACHE_AND_RETRY"]);
});

Deno.test("SWITCH_API_ENDPOINT asks one place after another, and stops at a refusal", async () => {
  const asked: string[] = [];
  const endpoint = (name: string, answer: () => string) => ({
    name,
    call: () => (asked.push(name), answer()),
  });
  const fail = (error: Error) => (): never => {
    throw error;
  };
  const down = failure("internal", { status: 500 });
  const healed = await heal(down, {
    endpoints: [endpoint("b", fail(busy())), endpoint("c", () => "from c")],
  });
  assert.equal(valueOf(healed.outcome), "from c");
  const refused = failure("flagged", { status: 400, code: "content_filter" });
  const stopped = await heal(down, { endpoints: [endpoint("d", fail(refused)), endpoint("e", () => "no")] });
  assert.equal(stopped.outcome.kind, "failed");
  assert.deepEqual(asked, ["b", "c", "d"]);
});

Deno.test("SWITCH_API_ENDPOINT never evades a refusal, a regional block or a rate limit, also behind a wrapper", async () => {
  const blocked = failure("unsupported", { status: 403, code: "unsupported_country_region_territory" });
  const refusals = [
    blocked,
    failure("unavailable for legal reasons", { status: 451 }),
    failure("flagged", { status: 400, code: "content_policy_violation" }),
    new HealingError("UNAVAILABLE", "the model did not answer", { cause: blocked }),
    limited("60"),
    failure("permission denied", { code: "42501" }),
  ];
  for (const refusal of refusals) {
    const endpoints = [{ name: "b", call: () => assert.fail(`${refusal.message} was evaded`) }];
    const { outcome } = await heal(refusal, { endpoints, run: () => assert.fail("made again") });
    assert.equal(outcome.kind, "failed", refusal.message);
  }
});

Deno.test("ROLLBACK_TRANSACTION comes first, and a rollback that fails stops every repetition", async () => {
  const order: string[] = [];
  const deadlock = failure("deadlock detected", { code: "40P01" });
  const healed = await heal(deadlock, {
    transaction: { rollback: () => order.push("rollback") },
    run: () => (order.push("run"), "fresh"),
  });
  assert.deepEqual([order, valueOf(healed.outcome)], [["rollback", "run"], "fresh"]);
  const stuck = await heal(deadlock, {
    transaction: { rollback: () => Promise.reject(new Error("no connection")) },
    run: () => assert.fail("made again on top of what nobody knows"),
  });
  assert.match(refusalOf(stuck.outcome, "RETRY_WITH_BACKOFF"), /could not be rolled back/);
  assert.equal(stuck.outcome.kind === "failed" && stuck.outcome.error, deadlock);
});

Deno.test("ROLLBACK_TRANSACTION leaves nothing of a write half done, and does not make it again", async () => {
  let rolledBack = 0;
  const { outcome } = await heal(failure("deadlock detected", { code: "40P01" }), {
    effect: "write",
    transaction: { rollback: () => rolledBack++ },
    run: () => assert.fail("a write was made again"),
  });
  assert.deepEqual([rolledBack, outcome.kind, outcome.tried.map(({ result }) => result)], [1, "failed", [
    "contained",
  ]]);
});

Deno.test("QUEUE_FOR_LATER keeps a write with a key, and says until when to wait, at most an hour", async () => {
  const told: unknown[] = [];
  const queue = { enqueue: (call: unknown) => (told.push(call), Promise.resolve({ id: "7" })) };
  const { outcome } = await heal(limited("999999"), { effect: "keyedWrite", queue });
  assert.deepEqual([outcome.kind, told], ["queued", [{ operation: "target", notBeforeMs: 3_600_000 }]]);
  for (const effect of ["read", "write"] as const) {
    assert.match(
      refusalOf((await heal(limited("999"), { effect, queue })).outcome, "QUEUE_FOR_LATER"),
      /nobody waits|without an idempotency key/,
    );
  }
  const duplicate = failure("duplicate key", { code: "23505" });
  const answered = await heal(duplicate, { effect: "keyedWrite", queue });
  assert.match(refusalOf(answered.outcome, "QUEUE_FOR_LATER"), /about the call itself/);
});

Deno.test("FALLBACK_TO_CACHE names the age, and gives nothing too old, of no age, or to who is refused", async () => {
  const cached = (ageMs: number) => ({ cache: { read: () => ({ value: "earlier", ageMs }) } });
  const down = failure("internal", { status: 500 });
  const { outcome } = await heal(down, cached(90_000));
  assert.deepEqual(outcome.kind === "standIn" && outcome.standIn, { kind: "cached", ageMs: 90_000 });
  const back = await heal(down, cached(-5));
  assert.deepEqual(back.outcome.kind === "standIn" && back.outcome.standIn, { kind: "cached", ageMs: 0 });
  for (const ageMs of [86_400_001, NaN, Infinity]) {
    assert.match(refusalOf((await heal(down, cached(ageMs))).outcome, "FALLBACK_TO_CACHE"), /too old/);
  }
  const forbidden = await heal(failure("permission denied", { code: "42501" }), cached(1));
  assert.match(refusalOf(forbidden.outcome, "FALLBACK_TO_CACHE"), /refused now/);
  const gone = await heal(failure("gone", { status: 404 }), cached(1));
  assert.match(refusalOf(gone.outcome, "FALLBACK_TO_CACHE"), /is an answer/);
});

Deno.test("USE_DEFAULT_VALUE and SKIP_OPERATION apply only where their author has said so, the default first", async () => {
  const down = failure("internal", { status: 500 });
  const bare = (await heal(down)).outcome;
  assert.match(refusalOf(bare, "USE_DEFAULT_VALUE"), /no default is given/);
  assert.match(refusalOf(bare, "SKIP_OPERATION"), /not declared/);
  const both = (await heal(down, { defaultValue: () => "0", isCritical: false })).outcome;
  assert.deepEqual(both.kind === "standIn" && both.standIn, { kind: "default" });
  assert.equal((await heal(down, { isCritical: false })).outcome.kind, "skipped");
});
