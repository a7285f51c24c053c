import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("company_word takes the words for where somebody works", () => {
  assertHeals("company_word", ["contacts", "company text"], { "organisation": "X" }, { "company": "X" });
});

Deno.test("company_word takes no reference and no other table", () => {
  assertDeclines("company_word", ["contacts", "company text"], {
    "organization": "0b8f3c1e-8a55-4f3a-9d0b-2f6f4d1f7a11",
  });
  assertDeclines("company_word", ["plants", "company text"], { "organization": "X" });
  assertDeclines("company_word", ["contacts", "company_id uuid"], { "organization": "X" });
});
