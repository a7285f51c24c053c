import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("flattened_object takes an object apart when every member has its column", () => {
  assertHeals("flattened_object", ["customers", "name text!; address_city text; address_zip text"], {
    "name": "x",
    "address": { "city": "B", "zip": "1" },
  }, { "name": "x", "address_city": "B", "address_zip": "1" });
});

Deno.test("flattened_object takes nothing apart when a member is left, a column is given or a right is meant", () => {
  assertDeclines("flattened_object", ["t", "address_city text"], { "address": { "city": "B", "zip": "1" } });
  assertDeclines("flattened_object", ["t", "address_city text"], {
    "address": { "city": "B" },
    "address_city": "C",
  });
  assertDeclines("flattened_object", ["t", "user_role text"], { "user": { "role": "admin" } });
  assertDeclines("flattened_object", ["t", "address_city text"], { "address": {} });
  assertDeclines("flattened_object", ["t", "address_city text"], {
    "address": { "city": "B" },
    "Address": { "city": "C" },
  });
});
