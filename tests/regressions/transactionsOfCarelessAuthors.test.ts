import assert from "node:assert/strict";
import { Compensations } from "../../supabase/functions/_shared/transactionManager/compensations.ts";
import { coded, openAccounts } from "../helpers/accounts.ts";
import { FakeClock } from "../helpers/fakeClock.ts";
import { waitFor } from "../helpers/waiting.ts";

Deno.test("restore points side by side are refused: going back in one would take what the other has done", async () => {
  await using world = await openAccounts();
  const running = world.run(async (tx) => {
    const outcomes = await Promise.allSettled([
      tx.restorePoint(async () => {
        await tx.query("update accounts set balance = balance + 1 where id = 1");
        await tx.query("select pg_sleep(0.05)");
        throw new Error("goes back");
      }),
      tx.restorePoint(() => tx.query("update accounts set balance = balance + 1 where id = 2")),
      tx.query("update accounts set balance = balance + 1 where id = 3"),
    ]);
    return outcomes.map(({ status }) => status);
  }, { role: "service_role" });
  const statuses = await running;
  assert.deepEqual(statuses, ["rejected", "rejected", "rejected"]);
  assert.deepEqual(await world.balances(), [100, 0, 50], "nothing was said to be done and then lost");
});

Deno.test("a restore point that was not waited for does not outlive the one around it", async () => {
  await using world = await openAccounts();
  const running = world.run(async (tx) => {
    await tx.restorePoint(async () => {
      void tx.restorePoint(async () => {
        await tx.query("update accounts set balance = 1 where id = 1");
        await new Promise(() => {});
      });
      await tx.query("select 1").catch(() => {});
    });
  }, { role: "service_role" });
  await assert.rejects(running, TypeError);
  assert.deepEqual(await world.balances(), [100, 0, 50]);
});

Deno.test("a statement that nobody waits for and that fails takes its transaction back, and does not end the worker", async () => {
  await using world = await openAccounts();
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => (event.preventDefault(), void unhandled.push(event.reason));
  globalThis.addEventListener("unhandledrejection", note);
  try {
    const running = world.run((tx) => {
      void tx.query("select 1 / 0");
      void tx.restorePoint(() => Promise.reject(new Error("nobody waits")));
      return Promise.resolve();
    }, { role: "service_role" });
    await assert.rejects(running, coded("DATABASE_ERROR"));
    await world.run((tx) => tx.query("select 1"), { role: "service_role" });
  } finally {
    globalThis.removeEventListener("unhandledrejection", note);
  }
  assert.deepEqual(unhandled, []);
});

Deno.test("a transaction whose work never ends does not keep the isolate's connection: twenty others get their turn", async () => {
  await using world = await openAccounts();
  let undone = false;
  const hanging = world.run(async (tx) => {
    tx.onRollback(() => void (undone = true));
    await tx.query("update accounts set balance = 0 where id = 1");
    await new Promise(() => {});
  }, { role: "service_role", limitMs: 300 });
  const others = Array.from(
    { length: 19 },
    () =>
      world.run((tx) => tx.query("update accounts set balance = balance + 1 where id = 2"), {
        role: "service_role",
        limitMs: 20_000,
      }),
  );
  await assert.rejects(hanging, coded("TIMEOUT"));
  await Promise.all(others);
  assert.ok(undone);
  assert.deepEqual(await world.balances(), [100, 19, 50]);
});

Deno.test("a compensation that never ends holds up neither the others nor who waits for the connection", async () => {
  const clock = new FakeClock("2026-01-01T00:00:00Z");
  const compensations = new Compensations(clock);
  const undone: string[] = [];
  compensations.add(() => void undone.push("first"));
  compensations.add(() => new Promise(() => {}));
  const report = compensations.undo();
  clock.advance(10_000);
  const { done, failures } = await report;
  assert.deepEqual([undone, done, failures.length], [["first"], 1, 1]);
});

Deno.test("an effect that comes when its transaction has been taken back already is undone at once", async () => {
  await using world = await openAccounts();
  const undone: string[] = [];
  let late: (() => void) | undefined;
  const running = world.run(async (tx) => {
    late = () => tx.onRollback(() => void undone.push("late"));
    await new Promise(() => {});
  }, { role: "service_role", limitMs: 200 });
  await assert.rejects(running, coded("TIMEOUT"));
  await world.run((tx) => tx.query("select 1"), { role: "service_role" });
  assert.throws(() => late!());
  await waitFor("the compensation", () => undone.length === 1);
});
