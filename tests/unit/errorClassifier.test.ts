import assert from "node:assert/strict";
import { sqlStateFact } from "../../supabase/functions/_shared/core/sqlState.ts";
import { type ClassifierInput, classifyError } from "../../supabase/functions/_shared/errorClassifier.ts";
import { sanitizeError } from "../../supabase/functions/_shared/errorSanitizer.ts";
import { HOSTILE_CLASSIFIER_PARTS, repeated } from "../helpers/hostileTexts.ts";
import { DATABASE } from "./errorClassifier/database.ts";
import type { Labelled } from "./errorClassifier/labelled.ts";
import { MODELS } from "./errorClassifier/models.ts";
import { POSTGREST } from "./errorClassifier/postgrest.ts";
import { PROGRAMS } from "./errorClassifier/programs.ts";
import { SERVICES } from "./errorClassifier/services.ts";

const LABELLED: readonly Labelled[] = [...DATABASE, ...POSTGREST, ...MODELS, ...SERVICES, ...PROGRAMS];

function describe(input: ClassifierInput): string {
  return `${input.code ?? input.status ?? ""} ${input.message ?? JSON.stringify(input.body)}`.trim();
}

Deno.test("the labelled corpus has at least 120 messages", () => assert.ok(LABELLED.length >= 120));

Deno.test("classifyError() gives every labelled error its class", () => {
  const wrong = LABELLED.flatMap(({ input, errorType }) => {
    const verdict = classifyError(input);
    return verdict.errorType === errorType
      ? []
      : [`${describe(input)}: ${verdict.errorType}, not ${errorType} (${verdict.evidence[0]})`];
  });
  assert.deepEqual(wrong, []);
});

Deno.test("classifyError() never calls a permanent error transient, nor a transient one permanent", () => {
  const wrong = LABELLED.filter(({ input, transient }) => classifyError(input).transient !== transient);
  assert.deepEqual(wrong.map(({ input }) => describe(input)), []);
});

Deno.test("classifyError() names what the error is about", () => {
  for (const { input, subject } of LABELLED) {
    if (subject !== undefined) assert.deepEqual(classifyError(input).subject, subject, describe(input));
  }
});

Deno.test("classifyError() puts the error into the part of the system that its source is", () => {
  for (const { input, category } of LABELLED) {
    if (category !== undefined) assert.equal(classifyError(input).category, category, describe(input));
  }
});

Deno.test("classifyError() gives as evidence the rule first, then the codes", () => {
  const { evidence } = classifyError({ code: "42883", message: "function f() does not exist", status: 404 });
  assert.deepEqual(evidence.slice(0, 3), ["rule postgres.missing_function", "SQLSTATE 42883", "HTTP 404"]);
});

Deno.test("classifyError() lets only faults of schema and infrastructure of the known classes wait for a replay", () => {
  const scopeOf = (code: string) => classifyError({ code, message: "" }).scope;
  for (const code of ["42883", "42P01", "42703", "3F000"]) assert.equal(scopeOf(code), "schema", code);
  for (const code of ["08006", "40001", "40P01", "53300", "57P01", "57014"]) {
    assert.equal(scopeOf(code), "infrastructure", code);
  }
  for (const code of ["22P02", "22001", "23502", "23503", "23505", "23514"]) {
    assert.equal(scopeOf(code), "data", code);
  }
  for (const code of ["42501", "28P01"]) assert.equal(scopeOf(code), "security", code);
});

Deno.test("classifyError() stops what must be stopped: corruption and limits of the platform", () => {
  const stops: ClassifierInput[] = [
    { code: "XX001" },
    { code: "XX002" },
    { code: "58000" },
    { code: "58P01" },
    { code: "53100" },
    { status: 402 },
    { status: 540 },
  ];
  for (const input of stops) {
    const { severity, transient, retryable } = classifyError(input);
    assert.deepEqual({ severity, transient, retryable }, {
      severity: "critical",
      transient: false,
      retryable: false,
    }, JSON.stringify(input));
  }
});

Deno.test("classifyError() does not take an unknown outcome for one that may be repeated", () => {
  for (const code of ["08007", "40003"]) {
    const { transient, retryable } = classifyError({ code, message: "" });
    assert.deepEqual({ transient, retryable }, { transient: true, retryable: false });
  }
});

Deno.test("classifyError() takes a code of the file system for no SQLSTATE", () => {
  for (const code of ["EPERM", "EPIPE", "EBUSY", "ENOTX"]) assert.equal(sqlStateFact(code), undefined);
  assert.equal(classifyError({ code: "EPIPE", message: "write EPIPE" }).errorType, "connection_reset");
});

Deno.test("classifyError() finds the code of a wrapped error", () => {
  const inner = Object.assign(new Error('relation "a" does not exist'), { code: "42P01" });
  const outer = new Error("the plan could not be stored", { cause: inner });
  assert.equal(classifyError(sanitizeError(outer)).errorType, "missing_relation");
  const own = { name: "HealingError", code: "DATABASE_ERROR", message: "x", details: { sqlState: "40P01" } };
  assert.equal(classifyError(own).errorType, "deadlock");
});

Deno.test("classifyError() reads what the sanitiser makes of thrown values", () => {
  const thrown = { statusCode: "404", error: "Bucket not found", message: "Bucket not found" };
  assert.equal(classifyError(sanitizeError(thrown)).errorType, "missing_bucket");
  assert.equal(
    classifyError(sanitizeError(new Response(null, { status: 503 }))).errorType,
    "service_unavailable",
  );
});

for (const part of HOSTILE_CLASSIFIER_PARTS) {
  Deno.test(`classifyError() looks at no more than the first 4,096 of ten million characters of ${JSON.stringify(part)}`, () => {
    const long = repeated(part, 10_000_000);
    const start = long.slice(0, 4_096);
    const [whole, cut] = [long, start].map((text) =>
      classifyError({ message: text, details: text, hint: text })
    );
    assert.deepEqual(whole, cut);
  });
}
