import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("email_word takes an e-mail address for one", () => {
  assertHeals("email_word", ["contacts", "email text!"], { "mail": "a@b.c" }, { "email": "a@b.c" });
});

Deno.test("email_word takes no other text and no other column", () => {
  assertDeclines("email_word", ["contacts", "email text"], { "mail": "me" });
  assertDeclines("email_word", ["users", "email_confirmed_at timestamptz"], { "mail": "a@b.c" });
  assertDeclines("email_word", ["contacts", "email text"], { "email": "a@b.c", "mail": "x@y.z" });
});
