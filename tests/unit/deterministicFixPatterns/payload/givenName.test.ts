import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("given_name takes the words for the given name", () => {
  assertHeals("given_name", ["people", "first_name text"], { "given_name": "A" }, { "first_name": "A" });
});

Deno.test("given_name takes no family name", () => {
  assertDeclines("given_name", ["people", "first_name text"], { "surname": "A" });
  assertDeclines("given_name", ["people", "first_name text; given_name text"], { "fname": "A" });
});
