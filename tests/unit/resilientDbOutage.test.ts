import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { HealingError, isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import {
  createResilientDb,
  createWriteBreaker,
  type LostWrite,
  MemorySpool,
  type SpooledWrite,
} from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";
import { rowsOf } from "../helpers/writers.ts";

const AWAY = () => new HealingError("UNAVAILABLE", "The database did not answer: connection refused");

/** A database that answers as long as it is up. */
function switchable(): RpcPort & { isUp: boolean; asked: number; written: Record<string, unknown>[] } {
  return {
    isUp: false,
    asked: 0,
    written: [],
    call<T>(_name: string, args: Record<string, unknown>): Promise<T> {
      this.asked++;
      if (!this.isUp) return Promise.reject(AWAY());
      this.written.push(args);
      const rows = (args.p_rows as unknown[]).length;
      return Promise.resolve({ status: "saved", rows } as T);
    },
  };
}

/** A clock on which nobody waits. */
function impatient(): FakeClock {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  clock.sleep = (ms) => {
    clock.advance(ms);
    // Lets others have their turn; a promise alone would keep the loop for itself.
    return setImmediate();
  };
  return clock;
}

Deno.test("while the database is away writes wait, in their order and under their keys, and are made when it is back", async () => {
  const database = switchable();
  const clock = impatient();
  const db = createResilientDb(database, {
    clock,
    breaker: createWriteBreaker(undefined, { clock, cooldownMs: 1_000 }),
  });
  const results = [];
  for (let n = 0; n < 20; n++) results.push(await db.insert("notes", { n }, { key: `k${n}` }));
  assert.ok(results.every(({ rows, results }) => rows === 0 && results[0]!.status === "queued"));
  assert.ok(database.asked < 60, `${database.asked} requests: the breaker did not open`);
  database.isUp = true;
  await waitFor("all writes", () => database.written.length === 20);
  assert.deepEqual(
    database.written.map(({ p_rows, p_options }) => [p_rows, (p_options as { key: string }).key]),
    rowsOf(20, (n) => [[{ n }], `k${n}`]),
  );
});

Deno.test("a write without a key never waits: known not to be made it is an error, unknown it says so", async () => {
  const database = switchable();
  const clock = impatient();
  const breaker = createWriteBreaker(undefined, { clock, failureThreshold: 1 });
  const db = createResilientDb(database, { clock, breaker });
  await assert.rejects(db.insert("notes", { n: 1 }, { key: false }), /unknown/);
  await assert.rejects(
    db.insert("notes", { n: 1 }, { key: false }),
    (error) => (error as Error).name === "CircuitOpenError",
  );
  assert.equal(database.asked, 1);
});

Deno.test("an update that waited is left to a person, who sees what nobody saw", async () => {
  const database = switchable();
  const clock = impatient();
  const db = createResilientDb(database, { clock });
  assert.equal((await db.update("notes", { n: 1 }, { id: 1 })).results[0]!.status, "queued");
  database.isUp = true;
  await waitFor("the update", () => database.written.length === 1);
  const { operation, unseen, filter } = database.written[0]!.p_options as Record<string, unknown>;
  assert.deepEqual({ operation, unseen, filter }, { operation: "update", unseen: true, filter: { id: 1 } });
});

Deno.test("a refusal of the database opens no breaker, and a busy one is asked again", async () => {
  const failures = ["40P01", "40001", "53300"];
  const state = (sqlState: string) => new HealingError("DATABASE_ERROR", sqlState, { details: { sqlState } });
  let asked = 0;
  const db = createResilientDb({
    call<T>(): Promise<T> {
      const failure = failures[asked++];
      return failure === undefined
        ? Promise.resolve({ status: "saved", rows: 1 } as T)
        : Promise.reject(state(failure));
    },
  }, { clock: impatient() });
  assert.equal((await db.insert("notes", { n: 1 })).rows, 1);
  assert.equal(asked, 4);
  const breaker = createWriteBreaker(undefined, { failureThreshold: 1 });
  const refusing = createResilientDb({ call: () => Promise.reject(state("P0001")) }, { breaker });
  for (let n = 0; n < 3; n++) {
    await assert.rejects(
      refusing.insert("notes", { n }),
      (error) => isHealingError(error) && error.details?.sqlState === "P0001",
    );
  }
  assert.equal(breaker.state, "closed");
});

Deno.test("MemorySpool.put() has bounds, copies what it takes, and says what it lost and why", async () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const lost: LostWrite[] = [];
  const spool = new MemorySpool({
    maxRows: 3,
    maxLength: 100,
    giveUpAfterMs: 1_000,
    clock,
    onLost: (writes) => lost.push(...writes),
  });
  const write = (key: string, rows: Record<string, unknown>[]): SpooledWrite => ({
    operation: "insert",
    table: "t",
    rows,
    key,
    made: 0,
    options: {},
  });
  const row = { n: 1 };
  const sent: unknown[] = [];
  let answer: "later" | "refused" | "done" = "later";
  const send = ({ rows }: SpooledWrite) => (sent.push(rows[0]), Promise.resolve(answer));
  assert.equal(spool.put(write("a", [row]), send), true);
  assert.equal(spool.put(write("b", [{ n: 2 }, { n: 3 }, { n: 4 }]), send), false);
  assert.equal(spool.put(write("c", [{ text: "x".repeat(200) }]), send), false);
  row.n = 99;
  const passes = (what: string, holds: () => boolean) =>
    waitFor(what, () => {
      clock.advance(100);
      return holds();
    });
  await passes("a try", () => sent.length > 0);
  assert.deepEqual(sent[0], { n: 1 });
  answer = "refused";
  await passes("the refusal", () => lost.length === 1);
  assert.deepEqual(lost, [{ table: "t", key: "a", rows: 1, reason: "refused" }]);
  assert.equal(spool.size, 0);
  answer = "later";
  spool.put(write("d", [{ n: 5 }]), send);
  await passes("the loss", () => lost.length === 2);
  assert.equal(lost[1]!.reason, "tooLate");
});
