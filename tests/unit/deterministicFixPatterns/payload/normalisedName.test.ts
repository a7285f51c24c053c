import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("normalised_name takes case, accents and separators away", () => {
  assertHeals(
    "normalised_name",
    ["t", "created_at text; user_id text"],
    { "createdAt": "x", "User-ID": "1" },
    { "created_at": "x", "user_id": "1" },
  );
  assertHeals("normalised_name", ["t", "is_admin boolean; resume text"], {
    "isAdmin": true,
    "r\u00e9sum\u00e9": "r",
  }, { "is_admin": true, "resume": "r" });
});

Deno.test("normalised_name takes one of two columns never, overwrites nothing and is not fooled by look-alikes", () => {
  assertDeclines("normalised_name", ["t", "user_id text; userid text"], { "userID": "1" });
  assertDeclines("normalised_name", ["t", "user_id text"], { "user_id": "1", "userId": "2" });
  assertDeclines("normalised_name", ["t", "name text"], { "n\u0430me": "x" });
  assertDeclines("normalised_name", ["t", "name text"], { "name;": "x" });
  assertDeclines("normalised_name", ["t", "name text"], { "na\u200bme": "x" });
});
