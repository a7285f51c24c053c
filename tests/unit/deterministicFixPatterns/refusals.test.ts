import assert from "node:assert/strict";
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
  const failed = { code: "", message: "Internal Server Error", errorType: "server_error" };
  assert.match(refusalOf(facts({ ...failed, transient: false }))!, /its own log/);
  assert.match(refusalOf(facts({ ...failed, transient: true }))!, /passes by itself/);
});
