import assert from "node:assert/strict";
import {
  asText,
  asWords,
  count,
  duration,
  eValue,
  percent,
  relativeTime,
  times,
  toneOf,
} from "../../../dashboard/src/ui/words.ts";

Deno.test("relativeTime() says how long ago and until when, and nothing of what is no time", () => {
  const now = Date.parse("2026-11-30T12:00:00Z");
  assert.equal(relativeTime("2026-11-30T11:59:58Z", now), "just now");
  assert.equal(relativeTime("2026-11-30T11:59:20Z", now), "40 s ago");
  assert.equal(relativeTime("2026-11-30T11:30:00Z", now), "30 min ago");
  assert.equal(relativeTime("2026-12-03T12:00:00Z", now), "in 3 days");
  assert.equal(relativeTime("soon", now), "–");
});

Deno.test("figures are written with their unit, and what is not known as a dash", () => {
  assert.deepEqual([0.147, 4.2, 42, 600, 7_200, 259_200].map(duration), [
    "147 ms",
    "4.2 s",
    "42 s",
    "10 min",
    "2 h",
    "3 days",
  ]);
  assert.deepEqual([0, 0.034, 0.5, 1].map(percent), ["0 %", "3.4 %", "50 %", "100 %"]);
  assert.deepEqual([0, 9_999, 12_345, 2_500_000].map(count), ["0", "9,999", "12,345", "2.5M"]);
  for (const write of [duration, percent, count]) assert.equal(write(null), "–");
  assert.deepEqual([times(1), times(3)], ["once", "3 times"]);
});

Deno.test("eValue() reads the logarithm back, and stops where nobody reads on", () => {
  assert.equal(eValue(0), "1.00");
  assert.equal(eValue(Math.log(20)), "20");
  assert.equal(eValue(Math.log(4_200)), "4.2K");
  assert.equal(eValue(1_000), "> 1M");
});

Deno.test("names of the database are written as words, values as they are, and unknown states without a colour", () => {
  assert.equal(asWords("awaiting_approval"), "awaiting approval");
  assert.equal(asText({ a: 1 }), '{"a":1}');
  assert.equal(asText(null), "–");
  assert.equal(toneOf("kept"), "good");
  assert.equal(toneOf("constructor"), "quiet");
});
