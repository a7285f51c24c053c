import assert from "node:assert/strict";
import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import { isPassingTrouble, troubleOf } from "../../supabase/functions/_shared/core/passing.ts";
import {
  DATABASE_ERROR_TYPES,
  isSqlState,
  sqlStateFact,
  statusOfSqlState,
} from "../../supabase/functions/_shared/core/sqlState.ts";
import { ERROR_TYPES, factsOf } from "../../supabase/functions/_shared/errorClassifier/errorTypes.ts";
import { isRetryable } from "../../supabase/functions/_shared/retry.ts";

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

/** Each class, and the codes that differ from theirs. */
const CODES = [
  ...CLASSES.map((name) => `${name}009`),
  ...("08001 08004 08006 08007 25001 25P02 25P03 25P04 26000 40001 40002 40003 40P01 42501 42703 42P05 53100 53200 " +
    "53300 55006 55P03 57014 57P01 57P02 57P03 57P04 57P05 72000").split(" "),
];

Deno.test("sqlStateFact() and isRetryable() say the same of every code, bare or wrapped", () => {
  for (const code of CODES) {
    const { retryable } = sqlStateFact(code)!;
    const bare = Object.assign(new Error("what the server said"), { code });
    assert.equal(isRetryable(bare), retryable, code);
    assert.equal(isRetryable(toDatabaseError({ code, message: "what the server said" })), retryable, code);
  }
});

Deno.test("isPassingTrouble() tells the server's trouble from an answer about what was tried", () => {
  const isTrouble = (code: string) => isPassingTrouble({ code });
  for (const code of ["08006", "40001", "53100", "53200", "55P03", "57014", "57P01"]) {
    assert.ok(isTrouble(code), code);
  }
  for (const code of ["40002", "57P04", "42501", "23505", "25P02", "XX000"]) {
    assert.ok(!isTrouble(code), code);
  }
  // Two engines that create the same extension at once.
  assert.ok(isPassingTrouble({ code: "23505", constraint: "pg_extension_name_index" }));
  assert.ok(isPassingTrouble({ code: "XX000", message: "tuple concurrently updated" }));
  assert.ok(!isPassingTrouble({ code: "23505", constraint: "users_email_key" }));
  // What passes is trouble, and never an answer.
  for (const code of CODES) {
    if (sqlStateFact(code)!.transient) assert.equal(troubleOf(code), sqlStateFact(code)!.errorType, code);
  }
});

Deno.test("toDatabaseError() codes what a statement's time limit, a busy lock and a conflict are", () => {
  const coded = (code: string) => toDatabaseError({ code, message: "m" }).code;
  assert.equal(coded("57014"), "TIMEOUT");
  assert.equal(coded("55P03"), "UNAVAILABLE");
  assert.equal(coded("40P01"), "CONFLICT");
  assert.equal(coded("42501"), "FORBIDDEN");
  assert.equal(coded("53100"), "DATABASE_ERROR");
});
