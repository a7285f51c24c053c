import assert from "node:assert/strict";
import { sanitizeValue } from "../../supabase/functions/_shared/errorSanitizer.ts";

Deno.test("sanitizeValue() changes nothing when it is applied again to a value that only ends in a placeholder", () => {
  const password = ["Tr0ub", "HMfw!map9"].join("");
  const once = sanitizeValue({
    "1-800-555-0199": `password=${password}\u0000`,
    phone: `password=${password}`,
  });
  assert.ok(!JSON.stringify(once).includes(password));
  assert.deepEqual(sanitizeValue(once), once);
});
