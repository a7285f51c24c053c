import assert from "node:assert/strict";
import { ERROR_TYPES } from "../../../supabase/functions/_shared/errorClassifier.ts";
import { factsOf } from "../../../supabase/functions/_shared/errorClassifier/errorTypes.ts";
import { refusalOf } from "../../../supabase/functions/_shared/deterministicFixPatterns/refusals.ts";
import { facts } from "../../helpers/facts.ts";

Deno.test("refusalOf() says why nobody mends a known failure, and nothing about an unknown one", () => {
  const why = (code: string, message: string, errorType = "") =>
    refusalOf(facts({ code, message, errorType }));
  assert.match(
    why("42501", 'new row violates row-level security policy for table "t"')!,
    /never added or opened/,
  );
  assert.match(why("PGRST116", "Cannot coerce the result to a single JSON object")!, /maybeSingle/);
  assert.match(why("", "The resource already exists", "object_exists")!, /another name/);
  assert.match(
    why("08P01", "bind message supplies 1 parameters, but prepared statement requires 0")!,
    /prepare: false/,
  );
  assert.equal(why("08P01", "invalid frontend message type"), null);
  assert.equal(why("", "anything"), null);
  assert.equal(why("", "anything", "constructor"), null);
});

Deno.test("refusalOf() says in words of its place what is too large", () => {
  const why = (message: string) => refusalOf(facts({ code: "", message, errorType: "request_too_large" }))!;
  assert.match(
    why("Request too large for m on tokens per min (TPM): Limit 5, Requested 9"),
    /the model's limit/,
  );
  assert.match(why("The object exceeded the maximum allowed size"), /the bucket takes/);
  assert.match(why("413"), /smaller batches/);
});

Deno.test("refusalOf() has a sentence for each class of models, services, programs and releases", () => {
  const nameless = ERROR_TYPES.filter((errorType) => {
    const { category } = factsOf(errorType);
    return ["ai", "network", "runtime", "deployment", "storage", "auth"].includes(category) &&
      refusalOf(facts({ code: "", message: "", errorType, transient: factsOf(errorType).transient })) ===
        null;
  });
  assert.deepEqual(nameless, []);
});
