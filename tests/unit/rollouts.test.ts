/** Who is in a rollout: how units spread, that they stay in, and what happens while the share cannot be read. */

import assert from "node:assert/strict";
import { armOf } from "../../supabase/functions/_shared/core/requestArms.ts";
import { isInRollout, RolloutReader } from "../../supabase/functions/_shared/rollouts.ts";
import { observeRequest } from "../../supabase/functions/_shared/requestObserver.ts";
import { PerformanceMonitor } from "../../supabase/functions/_shared/performanceMonitor.ts";
import { FakeClock } from "../helpers/fakeClock.ts";

const UNITS = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);

function readerOf(share: number | (() => Promise<number>), options = {}): RolloutReader {
  return new RolloutReader({
    readShare: typeof share === "number" ? () => Promise.resolve(share) : share,
    ...options,
  });
}

async function inside(
  deployment: string,
  share: number,
  units: readonly string[] = UNITS,
): Promise<Set<string>> {
  const reader = readerOf(share);
  const found = new Set<string>();
  for (const unit of units) if (await reader.isIn(deployment, unit)) found.add(unit);
  return found;
}

Deno.test("RolloutReader.isIn() lets in as many units as it should, and of each release others", async () => {
  for (const share of [0.1, 0.25, 0.5, 0.75]) {
    const { size } = await inside("release-1", share);
    // Five standard deviations.
    const room = 5 * Math.sqrt(UNITS.length * share * (1 - share));
    assert.ok(Math.abs(size - UNITS.length * share) < room, `${size} of ${UNITS.length} at ${share}`);
  }
  const [one, other] = await Promise.all([inside("release-1", 0.5), inside("release-2", 0.5)]);
  const both = [...one].filter((unit) => other.has(unit)).length;
  assert.ok(Math.abs(both - UNITS.length / 4) < 5 * Math.sqrt(UNITS.length * 0.25 * 0.75), String(both));
});

Deno.test("RolloutReader.isIn() keeps whoever is in as the share grows, to everybody and down to nobody", async () => {
  let before = await inside("release-1", 0);
  assert.equal(before.size, 0);
  for (const share of [0.1, 0.25, 0.5, 0.75, 1]) {
    const now = await inside("release-1", share);
    assert.ok([...before].every((unit) => now.has(unit)), String(share));
    before = now;
  }
  assert.equal(before.size, UNITS.length);
});

Deno.test("RolloutReader.isIn() spreads ids that look alike: numbers, uuids, and mail addresses", async () => {
  const alike = [
    Array.from({ length: 4_000 }, (_, i) => String(i)),
    Array.from({ length: 4_000 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`),
    Array.from({ length: 4_000 }, (_, i) => `person${i}@example.com`),
  ];
  for (const units of alike) {
    const { size } = await inside("0a6b1cde-0000-4000-8000-000000000001", 0.1, units);
    assert.ok(Math.abs(size - 400) < 5 * Math.sqrt(4_000 * 0.09), `${units[1]}: ${size}`);
  }
});

Deno.test("RolloutReader.isIn() reads the share once, and later in the background", async () => {
  const clock = new FakeClock("2026-11-29T12:00:00Z");
  let reads = 0;
  let share = 1;
  const reader = readerOf(() => Promise.resolve((reads++, share)), { clock, freshMs: 1_000 });
  for (let call = 0; call < 100; call++) assert.equal(await reader.isIn("a", `u${call}`), true);
  assert.equal(reads, 1);
  share = 0;
  clock.advance(1_000);
  // The call that finds it old is answered by what is known.
  assert.equal(await reader.isIn("a", "u"), true);
  await Promise.resolve();
  assert.equal(await reader.isIn("a", "u"), false);
  assert.equal(reads, 2);
});

Deno.test("RolloutReader.isIn() goes on with the last share for a while without a database, and then lets nobody in", async () => {
  const clock = new FakeClock("2026-11-29T12:00:00Z");
  let isDown = false;
  const reader = readerOf(() => isDown ? Promise.reject(new Error("away")) : Promise.resolve(1), { clock });
  assert.equal(await reader.isIn("a", "u"), true);
  isDown = true;
  clock.advance(299_000);
  assert.equal(await reader.isIn("a", "u"), true);
  clock.advance(2_000);
  assert.equal(await reader.isIn("a", "u"), false);
  isDown = false;
  clock.advance(15_000);
  await reader.isIn("a", "u");
  assert.equal(await reader.isIn("a", "u"), true);
});

Deno.test("RolloutReader.isIn() waits for its first reading for a second at most, and lets nobody in by a share that is none", async () => {
  const clock = new FakeClock("2026-11-29T12:00:00Z");
  const reader = readerOf(() => new Promise<number>(() => {}), { clock });
  const asked = reader.isIn("a", "u");
  clock.advance(1_000);
  assert.equal(await asked, false);
  for (const share of [Number.NaN, -1, 2, Infinity]) {
    assert.equal(await readerOf(share).isIn("a", "u"), false);
  }
});

Deno.test("RolloutReader refuses options and names that make no sense", async () => {
  for (const options of [{ freshMs: 0 }, { staleMs: Number.NaN }, { firstMs: -1 }]) {
    assert.throws(() => readerOf(1, options), RangeError);
  }
  await assert.rejects(readerOf(1).isIn("a", ""), RangeError);
  await assert.rejects(readerOf(1).isIn("", "u"), RangeError);
});

Deno.test("isInRollout() lets nobody in where there is no database", async () => {
  assert.equal(await isInRollout("00000000-0000-4000-8000-000000000001", "user-1"), false);
});

Deno.test("RolloutReader.isIn() has requests counted by their side, a unit once a minute", async () => {
  const clock = new FakeClock("2026-11-29T12:00:00Z");
  const monitor = new PerformanceMonitor();
  const reader = readerOf(1, { clock, freshMs: 1e9, staleMs: 1e9 });
  const seen: string[] = [];
  const serve = (unit: string) =>
    observeRequest(new Request("http://localhost/"), "chat", async () => {
      await reader.isIn("release-1", unit);
      return new Response(null, { status: 500 });
    }, {
      request: (name, outcome, durationMs, side) => {
        seen.push(`${outcome} ${side === undefined ? "-" : `${side.deployment} ${side.arm}`}`);
        monitor.request(name, outcome, durationMs, side);
      },
    });
  for (const unit of ["busy", "busy", "busy", "other"]) await serve(unit);
  clock.advance(60_000);
  await serve("busy");
  const marked = "error release-1 canary";
  assert.deepEqual(seen, [marked, "error -", "error -", marked, marked]);
  const tagsOf = (tags: Record<string, string>) => monitor.getPercentile("requests", 0.5, tags) !== undefined;
  assert.ok(tagsOf({ function: "chat", deployment: "release-1", arm: "canary", outcome: "error" }));
  assert.ok(!tagsOf({ arm: "control" }));
});

Deno.test("RolloutReader.isIn() notes no side of what is not rolled out, and the first of two rollouts", async () => {
  const request = new Request("http://localhost/");
  await observeRequest(request, "chat", async () => {
    await readerOf(0).isIn("none", "u");
    assert.equal(armOf(request), undefined);
    await readerOf(1).isIn("first", "u");
    await readerOf(1).isIn("second", "u");
    return new Response();
  }, { request: () => {} });
  assert.deepEqual(armOf(request), { deployment: "first", arm: "canary" });
});
