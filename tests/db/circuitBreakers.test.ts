import assert from "node:assert/strict";
import { type BreakerEvent, BreakerGroup } from "../../supabase/functions/_shared/circuitBreaker.ts";
import { createFleet } from "../helpers/breakerFleet.ts";
import { createTestDatabase } from "../helpers/database.ts";

const ISOLATES = 50;
const opensEverywhere = (event: BreakerEvent) => event.kind === "opened" && event.scope === "fleet";
const closes = (event: BreakerEvent) => event.kind === "closed";

function longest(times: (number | undefined)[], since: number): number {
  return Math.max(...times.map((time) => time === undefined ? Infinity : time - since));
}

Deno.test("CircuitBreaker of 50 isolates opens everywhere, lets one probe through a cooldown, and closes everywhere", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: ISOLATES });
  await fleet.run(6_000);
  assert.equal(fleet.reached.length, 24 * ISOLATES, "every call of a healthy target goes through");

  fleet.isDownFor = () => true;
  const downAt = fleet.atMs;
  await fleet.run(6_000);
  const opened = fleet.isolates.map((isolate) => fleet.firstEvent(isolate, downAt, opensEverywhere));
  assert.ok(longest(opened, downAt) <= 2_000, `open everywhere after ${longest(opened, downAt)} ms`);
  const [row] = await database.query("select state, opened_count, version from circuit_breakers");
  assert.deepEqual(row, { state: "open", opened_count: 1, version: "2" });

  fleet.reached.length = 0;
  await fleet.run(3 * 60_000, 1_000);
  assert.equal(fleet.reached.length, 3, "one probe in each of three cooldowns");

  fleet.isDownFor = () => false;
  fleet.reached.length = 0;
  const upAt = fleet.atMs;
  await fleet.run(70_000, 1_000);
  const closed = fleet.isolates.map((isolate) => fleet.firstEvent(isolate, upAt, closes));
  const probedAt = fleet.reached[0]!.atMs;
  assert.ok(longest(closed, probedAt) <= 5_000, `closed everywhere after ${longest(closed, probedAt)} ms`);
  assert.ok(fleet.isolates.every(({ breaker }) => breaker.state === "closed"));
});

Deno.test("CircuitBreaker opens within 2 s where failures are seen and within 5 s where none are", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: ISOLATES });
  await fleet.run(6_000);
  fleet.isDownFor = (index) => index < 12;
  const downAt = fleet.atMs;
  await fleet.run(6_000);
  const opened = fleet.isolates.map((isolate) => fleet.firstEvent(isolate, downAt, opensEverywhere));
  assert.ok(longest(opened.slice(0, 12), downAt) <= 2_000, `${longest(opened.slice(0, 12), downAt)} ms`);
  assert.ok(longest(opened.slice(12), downAt) <= 5_000, `${longest(opened.slice(12), downAt)} ms`);
});

Deno.test("CircuitBreaker of one bad isolate never opens for the others", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: ISOLATES, cooldownMs: 10_000 });
  fleet.isDownFor = (index) => index === 7;
  await fleet.run(5 * 60_000, 2_000);
  for (const { id, events } of fleet.isolates.filter((_, index) => index !== 7)) {
    assert.deepEqual(events, [], id);
  }
  assert.equal(fleet.isolates[7]!.events[0]!.event.kind, "opened");
  assert.deepEqual(await database.query("select state, version from circuit_breakers"), [
    { state: "closed", version: "1" },
  ]);
});

Deno.test("CircuitBreaker goes on by its own evidence when the database is gone, and every call works", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: 10 });
  await fleet.run(2_000);
  await fleet.loseDatabase();
  fleet.reached.length = 0;
  await fleet.run(20_000, 1_000);
  assert.equal(fleet.reached.length, 200, "every call went through");
  assert.ok(fleet.isolates.every(({ events }) => events.some(({ event }) => event.kind === "storeLost")));
  fleet.isDownFor = (index) => index < 5;
  await fleet.run(6_000, 1_000);
  assert.deepEqual(
    fleet.isolates.map(({ breaker }) => breaker.state),
    Array.from({ length: 10 }, (_, index) => index < 5 ? "open" : "closed"),
  );
  fleet.isDownFor = () => false;
  await fleet.run(61_000, 1_000);
  assert.ok(fleet.isolates.every(({ breaker }) => breaker.state === "closed"));
});

Deno.test("CircuitBreaker that was open everywhere probes by itself when the database is gone", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: 3 });
  fleet.isDownFor = () => true;
  await fleet.run(3_000);
  await fleet.loseDatabase();
  fleet.isDownFor = () => false;
  await fleet.run(61_000, 1_000);
  assert.deepEqual(fleet.isolates.map(({ breaker }) => breaker.state), ["closed", "closed", "closed"]);
});

Deno.test("CircuitBreaker whose prober was killed gives the probe to another isolate when the lease ends", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: 5, halfOpenTimeoutMs: 30_000 });
  fleet.isDownFor = () => true;
  await fleet.run(3_000);
  fleet.isDownFor = () => false;
  await fleet.advance(60_000);
  // An isolate takes the probe and is never heard of again.
  await database.query("select claim_circuit_probe('target', 'killed', 35000)");
  fleet.reached.length = 0;
  await fleet.run(33_000, 1_000);
  assert.equal(fleet.reached.length, 0);
  await fleet.run(4_000, 1_000);
  assert.ok(fleet.reached.length >= 1);
  await fleet.run(5_000, 1_000);
  assert.ok(fleet.isolates.every(({ breaker }) => breaker.state === "closed"));
});

Deno.test("CircuitBreaker of the last target of a group is never blocked, for the fleet neither", async () => {
  await using database = await createTestDatabase();
  const groups = Array.from({ length: 4 }, () => new BreakerGroup("ends"));
  await using first = await createFleet(database, {
    isolates: 4,
    name: "a",
    groupOf: (index) => groups[index]!,
  });
  await using second = await createFleet(database, {
    isolates: 4,
    name: "b",
    groupOf: (index) => groups[index]!,
  });
  await first.callAll();
  await second.callAll();
  first.isDownFor = second.isDownFor = () => true;
  await first.run(5_000);
  await second.run(5_000);
  assert.deepEqual(await database.query("select name, state from circuit_breakers order by name"), [
    { name: "a", state: "open" },
    { name: "b", state: "closed" },
  ]);
  assert.deepEqual(await first.callAll(), Array(4).fill("refused"));
  assert.deepEqual(await second.callAll(), Array(4).fill("failed"));
});

Deno.test("CircuitBreaker obeys the mode that an admin sets for the fleet", async () => {
  await using database = await createTestDatabase();
  await using fleet = await createFleet(database, { isolates: 3 });
  await fleet.run(1_000);
  await database.query("select set_circuit_breaker_mode('target', 'forced_open', 'maintenance')");
  await fleet.run(5_000);
  assert.deepEqual(await fleet.callAll(), ["refused", "refused", "refused"]);
  await database.query("select set_circuit_breaker_mode('target', 'disabled', 'it is fine')");
  fleet.isDownFor = () => true;
  await fleet.run(10_000);
  assert.deepEqual(await fleet.callAll(), ["failed", "failed", "failed"]);
  await database.query("select set_circuit_breaker_mode('target', 'auto', 'back to normal')");
  await fleet.run(10_000);
  assert.deepEqual(await fleet.callAll(), ["refused", "refused", "refused"]);
});

Deno.test("CircuitBreaker alerts once for the whole fleet", async () => {
  await using database = await createTestDatabase();
  const alerts: string[] = [];
  await using fleet = await createFleet(database, {
    isolates: 20,
    alert: ({ scope }) => void alerts.push(scope),
  });
  await fleet.run(2_000);
  fleet.isDownFor = () => true;
  await fleet.run(130_000, 1_000);
  assert.deepEqual(alerts, ["fleet"]);
  const rows = await database.query("select severity, title, occurrence_count from notifications");
  assert.deepEqual(rows, [{ severity: "high", title: 'The target "target" is down', occurrence_count: 1 }]);
});

Deno.test("CircuitBreaker alerts by itself where it is the only isolate", async () => {
  await using database = await createTestDatabase();
  const alerts: string[] = [];
  await using fleet = await createFleet(database, {
    isolates: 1,
    alert: ({ scope }) => void alerts.push(scope),
  });
  fleet.isDownFor = () => true;
  await fleet.run(10_000);
  assert.deepEqual(alerts, ["isolate"]);
});
