import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("phone_word takes the words for a telephone number", () => {
  assertHeals("phone_word", ["contacts", "phone text"], { "telephone": "+1" }, { "phone": "+1" });
});

Deno.test("phone_word takes none of two and no flag", () => {
  assertDeclines("phone_word", ["contacts", "home_phone text; work_phone text"], { "telephone": "1" });
  assertDeclines("phone_word", ["contacts", "phone_verified boolean"], { "telephone": "1" });
});
