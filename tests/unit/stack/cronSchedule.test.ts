import assert from "node:assert/strict";
import { parseCronSchedule } from "../../../scripts/stack/cronSchedule.ts";

function runsAfter(schedule: string, from: string, count = 1): string[] {
  const parsed = parseCronSchedule(schedule);
  const runs: string[] = [];
  let at: number | undefined = Date.parse(from);
  while (runs.length < count) {
    at = parsed.nextRun(at);
    if (at === undefined) break;
    runs.push(new Date(at).toISOString().replace(".000Z", "Z"));
  }
  return runs;
}

Deno.test("parseCronSchedule() reads the schedules of this project", () => {
  const from = "2026-11-21T10:03:30Z";
  assert.deepEqual(runsAfter("* * * * *", from, 2), ["2026-11-21T10:04:00Z", "2026-11-21T10:05:00Z"]);
  assert.deepEqual(runsAfter("*/5 * * * *", from, 2), ["2026-11-21T10:05:00Z", "2026-11-21T10:10:00Z"]);
  assert.deepEqual(runsAfter("17 3 * * *", from, 2), ["2026-11-22T03:17:00Z", "2026-11-23T03:17:00Z"]);
});

Deno.test("parseCronSchedule() never names the minute that it was asked at", () => {
  assert.deepEqual(runsAfter("*/5 * * * *", "2026-11-21T10:05:00Z"), ["2026-11-21T10:10:00Z"]);
});

Deno.test("parseCronSchedule() runs on either day when both days are restricted, as cron does", () => {
  assert.deepEqual(runsAfter("0 0 13 * 5", "2026-11-21T00:00:00Z", 3), [
    "2026-11-27T00:00:00Z",
    "2026-12-04T00:00:00Z",
    "2026-12-11T00:00:00Z",
  ]);
  assert.ok(runsAfter("0 0 13 * 5", "2026-11-21T00:00:00Z", 6).includes("2026-12-13T00:00:00Z"));
});

Deno.test("parseCronSchedule() knows names, ranges, Sunday as 0 and 7, and the last day of a month", () => {
  const from = "2026-11-21T12:00:00Z";
  assert.deepEqual(runsAfter("0 9 * * mon-wed", from), ["2026-11-23T09:00:00Z"]);
  assert.deepEqual(runsAfter("0 0 * * 0", from), ["2026-11-22T00:00:00Z"]);
  assert.deepEqual(runsAfter("0 0 * * 7", from), ["2026-11-22T00:00:00Z"]);
  assert.deepEqual(runsAfter("0 0 $ * *", from, 2), ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]);
  assert.deepEqual(runsAfter("0 0 1 jan *", from), ["2027-01-01T00:00:00Z"]);
  assert.deepEqual(runsAfter("@hourly", from), ["2026-11-21T13:00:00Z"]);
});

Deno.test("parseCronSchedule() counts in UTC across a change of daylight saving time", () => {
  assert.deepEqual(runsAfter("30 1 * * *", "2026-10-25T00:00:00Z", 2), [
    "2026-10-25T01:30:00Z",
    "2026-10-26T01:30:00Z",
  ]);
});

Deno.test("parseCronSchedule() counts an interval of seconds from the last look", () => {
  assert.deepEqual(runsAfter("30 seconds", "2026-11-21T10:00:07Z", 2), [
    "2026-11-21T10:00:37Z",
    "2026-11-21T10:01:07Z",
  ]);
  assert.deepEqual(runsAfter("1 second", "2026-11-21T10:00:07Z"), ["2026-11-21T10:00:08Z"]);
});

Deno.test("parseCronSchedule() has no run for a day that does not exist", () => {
  assert.deepEqual(runsAfter("0 0 31 2 *", "2026-11-21T00:00:00Z"), []);
});

Deno.test("parseCronSchedule() refuses what pg_cron refuses", () => {
  const wrong = [
    "",
    "* * * *",
    "* * * * * *",
    "60 * * * *",
    "0 seconds",
    "60 seconds",
    "90 seconds",
    "never",
  ];
  for (const schedule of wrong) {
    assert.throws(() => parseCronSchedule(schedule), RangeError, `"${schedule}" was accepted`);
  }
});
