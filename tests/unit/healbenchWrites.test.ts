import assert from "node:assert/strict";
import type { Observation } from "../../scripts/healbench/observe.ts";
import { compareWrites } from "../../scripts/healbench/writes.ts";

function seen(...rows: object[]): Observation {
  const texts = rows.map((row) => JSON.stringify(row));
  return { rows: new Map([["public.jobs", texts]]), access: new Set(), visible: new Set() };
}

const sent = [{ status: null }];
const judge = (after: object[], reference: object[], drawn: string[] = [], before: object[] = []) =>
  compareWrites("jobs", { before: seen(...before), after: seen(...after), reference: seen(...reference) }, {
    sent,
    drawn,
  });

Deno.test("compareWrites() accepts another number of the sequence, and no other difference", () => {
  const wanted = [{ id: 1, status: "queued" }];
  assert.equal(judge([{ id: 3, status: "queued" }], wanted, ["id"]).ok, true);
  assert.equal(judge([{ id: 3, status: "queued" }], wanted).ok, false);
  assert.equal(judge([{ id: 3, status: "done" }], wanted, ["id"]).ok, false);
  assert.equal(judge([{ id: 3, status: null }], wanted, ["id"]).ok, false);
});

Deno.test("compareWrites() refuses a write that stored nothing, or more than was sent", () => {
  const wanted = [{ id: 1, status: "queued" }];
  assert.match(judge([], wanted, ["id"]).measured, /stored nothing/);
  const twice = [{ id: 3, status: "queued" }, { id: 4, status: "queued" }];
  assert.match(judge(twice, wanted, ["id"]).measured, /stored 2 rows, and 1 were sent/);
  assert.equal(judge(twice, wanted, ["id"], [{ id: 3, status: "queued" }]).ok, true);
});
