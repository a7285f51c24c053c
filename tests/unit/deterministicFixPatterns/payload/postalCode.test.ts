import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("postal_code takes the words for a postal code", () => {
  assertHeals("postal_code", ["addresses", "postal_code text"], { "zip": "01234" }, {
    "postal_code": "01234",
  });
});

Deno.test("postal_code takes no other code and no list", () => {
  assertDeclines("postal_code", ["addresses", "country_code text"], { "zip": "01234" });
  assertDeclines("postal_code", ["addresses", "postal_code text"], { "zip": ["1"] });
});
