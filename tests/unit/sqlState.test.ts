import assert from "node:assert/strict";
import {
  DATABASE_ERROR_TYPES,
  isSqlState,
  sqlStateFact,
  statusOfSqlState,
} from "../../supabase/functions/_shared/core/sqlState.ts";
import { ERROR_TYPES, factsOf } from "../../supabase/functions/_shared/errorClassifier/errorTypes.ts";

/** Every class of PostgreSQL 18's errcodes.txt that reports an error. */
const CLASSES =
  ("02 03 08 09 0A 0B 0F 0L 0P 0Z 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 53 54 55 57 58 72 " +
    "F0 HV P0 XX").split(" ");

Deno.test("sqlStateFact() knows every class of errors, by its code or by its class", () => {
  const codes = CLASSES.map((name) => `${name}ZZZ`);
  assert.deepEqual(codes.filter((code) => sqlStateFact(code) === undefined), []);
});

Deno.test("sqlStateFact() says what a code is and whether it passes", () => {
  const { errorType, category, transient, retryable } = sqlStateFact("40P01")!;
  assert.deepEqual({ errorType, category, transient, retryable }, {
    errorType: "deadlock",
    category: "database",
    transient: true,
    retryable: true,
  });
  assert.equal(sqlStateFact("42883")!.transient, false);
  assert.equal(sqlStateFact("00000"), undefined);
  assert.equal(sqlStateFact("nonsense"), undefined);
});

Deno.test("sqlStateFact() prefers the code to its class", () => {
  assert.equal(sqlStateFact("22012")!.errorType, "division_by_zero");
  assert.equal(sqlStateFact("22ZZZ")!.errorType, "invalid_input");
});

Deno.test("isSqlState() tells SQLSTATEs from codes of five capitals", () => {
  for (const code of ["42P01", "PT409", "P0001", "XX000", "HV000"]) assert.ok(isSqlState(code), code);
  for (const code of ["EPIPE", "EPERM", "PTFOO", "42p01", "4200", "PGRST"]) {
    assert.ok(!isSqlState(code), code);
  }
});

Deno.test("statusOfSqlState() reads the status that a function chose", () => {
  assert.equal(statusOfSqlState("PT409"), 409);
  assert.equal(statusOfSqlState("PT200"), undefined);
  assert.equal(statusOfSqlState("42P01"), undefined);
});

Deno.test("every error type is retryable only when it is transient", () => {
  assert.equal(new Set(ERROR_TYPES).size, ERROR_TYPES.length);
  assert.ok(DATABASE_ERROR_TYPES.every((errorType) => ERROR_TYPES.includes(errorType)));
  for (const errorType of ERROR_TYPES) {
    const { transient, retryable } = factsOf(errorType);
    assert.ok(transient || !retryable, errorType);
  }
});
