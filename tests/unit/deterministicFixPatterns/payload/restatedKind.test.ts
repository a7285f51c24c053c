import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("restated_kind drops the word that says the same again", () => {
  assertHeals("restated_kind", ["t", "email text; phone text"], {
    "email_address": "a@b.c",
    "phoneNumber": "1",
  }, { "email": "a@b.c", "phone": "1" });
  assertHeals("restated_kind", ["t", "ip_address inet"], { "ip": "1.2.3.4" }, { "ip_address": "1.2.3.4" });
  assertHeals("restated_kind", ["t", "phone_number text"], { "phone": "1" }, { "phone_number": "1" });
});

Deno.test("restated_kind takes no word that says something else", () => {
  assertDeclines("restated_kind", ["t", "phone_verified boolean"], { "phone": "1" });
  assertDeclines("restated_kind", ["t", "email_hash text"], { "email": "a@b.c" });
  assertDeclines("restated_kind", ["t", "phone_country_code text"], { "phone": "1" });
  assertDeclines("restated_kind", ["t", "language_code text"], { "language": "English" });
});
