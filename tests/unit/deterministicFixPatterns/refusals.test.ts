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

Deno.test("refusalOf() says of each answer of the data interface and of sign-in who can do what", () => {
  const cases: [code: string, message: string, words: RegExp][] = [
    ["PGRST000", "Could not connect with the database", /runs, and at the address/],
    ["PGRST103", "Requested range not satisfiable", /no more/],
    ["PGRST118", "A related order on 'a' is not possible", /column of their own/],
    ["PGRST123", "Use of aggregate functions is not allowed", /a person decides/],
    ["PGRST124", "Query result exceeds max-affected preference constraint", /never raised/],
    ["PGRST125", "Invalid path specified in request URL", /correct the path/],
    ["PGRST303", "JWT not yet valid", /clock/],
    ["PGRST303", "JWT expired", /refresh the session once/],
    ["over_email_send_rate_limit", "email rate limit exceeded", /this hour/],
    ["otp_expired", "Token has expired or is invalid", /new one/],
    ["", "Auth session missing!", /never sent twice/],
    ["", "Error sending confirmation email", /mail or SMS/],
    ["", "Failed to reach hook within maximum time of 5.000000 seconds", /hook/],
    ["", "No API key found in request", /never goes into a browser/],
    ["", "Bucket name invalid", /never changed/],
  ];
  for (const [code, message, words] of cases) {
    assert.match(refusalOf(facts({ code, message, errorType: "", transient: false })) ?? "", words, message);
  }
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
