import assert from "node:assert/strict";
import { ErrorMarks, nextMoment } from "../../../supabase/functions/_shared/core/errorMarks.ts";

Deno.test("ErrorMarks knows a marked error again, also as a cause, and only after its moment", () => {
  const marks = new ErrorMarks("first");
  const before = nextMoment();
  const error = new Error("given up");
  assert.equal(marks.has(error, before), false);
  marks.mark(error);
  assert.equal(marks.has(error, before), true);
  assert.equal(
    marks.has(new Error("wrapped", { cause: new Error("twice", { cause: error }) }), before),
    true,
  );
  // The same object, thrown again by a later call, is another failure.
  assert.equal(marks.has(error, nextMoment()), false);
  assert.equal(new ErrorMarks("second").has(error, before), false);
});

Deno.test("ErrorMarks takes anything that can be thrown, and comes to an end with causes that go round", () => {
  const marks = new ErrorMarks("third");
  for (const thrown of [null, undefined, "text", 7, Symbol("x")]) {
    marks.mark(thrown);
    assert.equal(marks.has(thrown, 0), false);
  }
  const round = new Error("round");
  round.cause = round;
  assert.equal(marks.has(round, 0), false);
  const hostile = {
    get cause(): never {
      throw new Error("trap");
    },
  };
  assert.equal(marks.has(hostile, 0), false);
  const deep = Array.from({ length: 100 }).reduce<unknown>((cause) => new Error("deep", { cause }), round);
  assert.equal(marks.has(deep, 0), false);
});
