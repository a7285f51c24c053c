import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("birth_date takes the words for the day of birth", () => {
  assertHeals("birth_date", ["people", "birth_date date"], { "dob": "1990-01-02" }, {
    "birth_date": "1990-01-02",
  });
});

Deno.test("birth_date takes no hours and no other text", () => {
  assertDeclines("birth_date", ["people", "birth_date date"], { "dob": "1990-01-02T10:00:00Z" });
  assertDeclines("birth_date", ["people", "birth_date date"], { "dob": "02/01/1990" });
});
