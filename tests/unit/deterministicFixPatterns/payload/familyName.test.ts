import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("family_name takes the words for the family name", () => {
  assertHeals("family_name", ["people", "last_name text"], { "surname": "A" }, { "last_name": "A" });
});

Deno.test("family_name takes no given name", () => {
  assertDeclines("family_name", ["people", "last_name text"], { "given_name": "A" });
  assertDeclines("family_name", ["people", "last_name text; family_name text"], { "lname": "A" });
});
