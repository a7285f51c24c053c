import assert from "node:assert/strict";
import { isAtLeast } from "../../../scripts/lib/requireDeno.ts";

Deno.test("isAtLeast() compares versions by their numbers", () => {
  for (const version of ["2.6.0", "2.6.1", "2.10.0", "3.0.0", "2.6.0-rc.1", "2.7"]) {
    assert.equal(isAtLeast(version, "2.6.0"), true, version);
  }
  for (const version of ["2.5.9", "1.99.0", "2.1.4", "2"]) {
    assert.equal(isAtLeast(version, "2.6.0"), false, version);
  }
});
