/** The tables of the benches: made of rows, and put where a document has a place for them. */

import assert from "node:assert/strict";
import { promiseTable, shortened } from "../../scripts/bench/beforeAfter/promise.ts";
import { runContest } from "../../scripts/bench/contests/contest.ts";
import { peersTable, timeText } from "../../scripts/bench/contests/peersTable.ts";
import { seriesPicture, seriesTable } from "../../scripts/bench/scale/pivot.ts";
import { takeTurns } from "../../scripts/bench/contests/takeTurns.ts";
import { markdownTable, putBetweenMarks, writeIntoDocument } from "../../scripts/lib/documentTable.ts";

const README = new URL("../../README.md", import.meta.url);
const SCALING = new URL("../../docs/scaling.md", import.meta.url);
const BENCHES = new URL("../../docs/benches.md", import.meta.url);

Deno.test("markdownTable() is as wide as its widest cell, as the formatter makes it, and hides what would end a cell", () => {
  assert.equal(
    markdownTable(["a", "figure"], [["1 µs", "1|2"]]),
    ["| a    | figure |", "| ---- | ------ |", "| 1 µs | 1\\|2   |"].join("\n"),
  );
});

Deno.test("putBetweenMarks() replaces what stands between its marks and nothing else", () => {
  const document =
    "# A\n\n<!-- x: begin -->\n\nold\n\n<!-- x: end -->\n\nrest <!-- y: begin --> <!-- y: end -->\n";
  const written = putBetweenMarks(document, "x", "new");
  assert.equal(written, document.replace("old", "new"));
  assert.equal(putBetweenMarks(written, "x", "new"), written);
});

Deno.test("putBetweenMarks() refuses a document without its marks, or with only one of them", () => {
  for (
    const document of ["", "<!-- x: begin -->", "<!-- x: end -->", "<!-- x: end --> <!-- x: begin -->"]
  ) {
    assert.throws(() => putBetweenMarks(document, "x", "new"), /has no place between "<!-- x: begin -->"/);
  }
});

Deno.test("seriesTable() has a column for each step and a row for each figure that is shown", () => {
  const page = { title: "stored", isShown: (figure: string) => figure !== "judged" };
  const findings = [
    { scenario: "10", figure: "page, ms", value: 1.234, runs: 1 },
    { scenario: "10", figure: "judged", value: 7, runs: 1 },
    { scenario: "2,000", figure: "page, ms", value: 123_456, runs: 1 },
  ];
  assert.equal(
    seriesTable(findings, page),
    markdownTable(["stored", "10", "2,000"], [["page, ms", "1.23", "123,000"]]),
  );
});

Deno.test("seriesPicture() draws a line for each figure through its steps, within its axes", () => {
  const picture = seriesPicture(
    [10, 100, 1_000].map((rows) => ({ scenario: String(rows), figure: "ms", value: rows, runs: 1 })),
    {
      chart: { title: "t", x: { ticks: [10, 1_000], isLogarithmic: true }, y: { ticks: [0, 100] } },
      drawn: { ms: "a page" },
      placeOf: Number,
    },
  );
  // Twice as far for ten times as many, and no higher than the axis.
  assert.match(picture, /points="70,319 385,40 700,40"/);
  assert.match(picture, />a page<\/text>/);
});

Deno.test("docs/scaling.md has a place for each of its tables", async () => {
  const document = await Deno.readTextFile(SCALING);
  for (const name of ["rows", "instances", "captures"]) putBetweenMarks(document, name, "| new |");
});

Deno.test("README.md and docs/benches.md have a place for both tables, and writing into one without leaves it as it is", async () => {
  for (const document of [README, BENCHES]) {
    for (const name of ["bench", "before and after"]) {
      assert.match(putBetweenMarks(await Deno.readTextFile(document), name, "| new |"), /\n\n\| new \|\n\n/);
    }
  }
  const other = await Deno.makeTempFile();
  await Deno.writeTextFile(other, "nothing");
  await assert.rejects(writeIntoDocument(new URL(`file://${other}`), "bench", "| new |"), RangeError);
  assert.equal(await Deno.readTextFile(other), "nothing");
  await Deno.remove(other);
});

Deno.test("takeTurns() gives each its turn in each round, another one first each time, and counts no warm-up", async () => {
  let turns = "";
  const side = (name: string) => () => Promise.resolve((turns += name).length);
  const times = await takeTurns({ a: side("a"), b: side("b") }, { rounds: 2, warmUp: 1 });
  assert.equal(turns, "abbaab");
  assert.deepEqual(times, { a: [4, 5], b: [3, 6] });
});

Deno.test("runContest() compares round by round, takes off what is bare, and peersTable() shows it", async () => {
  const played = (times: number[]) => () => Promise.resolve(times.shift()!);
  const rows = await runContest({
    what: "a call",
    ours: { name: "ours", side: played([3, 5, 9]) },
    peers: { "peer 1.0.0": played([5, 5, 5]), "peer 2.0.0": played([2, 2, 2]) },
    bare: played([1, 1, 1]),
    inReadme: ["peer 2.0.0"],
  }, { rounds: 3, warmUp: 0 });
  assert.deepEqual(rows.map(({ ratio }) => ratio), [
    { median: 1, low: 0.5, high: 2 },
    { median: 4, low: 2, high: 8 },
  ]);
  assert.deepEqual(rows.map(({ inReadme }) => inReadme), [false, true]);
  const lines = peersTable(rows).split("\n");
  assert.deepEqual(lines[2]!.split("|").map((cell) => cell.trim()).slice(1, -1), [
    "a call",
    "ours: 4.0 ms",
    "peer 1.0.0: 4.0 ms",
    "1.00",
    "0.50–2.00",
  ]);
});

Deno.test("timeText() takes the unit in which a time is easily read", () => {
  assert.deepEqual([0.000_05, 0.000_5, 0.05, 5, 500].map(timeText), [
    "50 ns",
    "500 ns",
    "50 µs",
    "5.0 ms",
    "500 ms",
  ]);
});

Deno.test("promiseTable() says whether a promise is kept, and shortened() leaves out none that is not", () => {
  const row = (promise: string, measured: string, isKept?: boolean) => ({
    promise,
    measured,
    without: "1",
    withIt: "2",
    ...(isKept === undefined ? {} : { isKept }),
  });
  const rows = [
    row("a", "1", true),
    row("a", "2", false),
    row("a", "3", true),
    row("b", "4"),
    row("b", "5"),
  ];
  assert.deepEqual(shortened(rows).map(({ measured }) => measured), ["1", "2", "4"]);
  const kept = promiseTable(rows).split("\n").slice(2).map((line) => line.split("|").at(-2)!.trim());
  assert.deepEqual(kept, ["yes", "no", "yes", "", ""]);
});
