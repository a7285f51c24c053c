import assert from "node:assert/strict";
import { linkTo, readPlace } from "../../../dashboard/src/app/place.ts";

Deno.test("readPlace() reads what linkTo() has written", () => {
  const { parts, params } = readPlace(
    linkTo("errors/4f", { search: "a & b = 100 %", status: "open", severity: "" }),
  );
  assert.deepEqual(parts, ["errors", "4f"]);
  assert.deepEqual(Object.fromEntries(params), { search: "a & b = 100 %", status: "open" });
});

Deno.test("readPlace() takes any address, broken or empty", () => {
  for (const hash of ["", "#", "#/", "#//", "?", "#?x=1"]) assert.deepEqual(readPlace(hash).parts, []);
  assert.deepEqual(readPlace("#/errors/%E0%A4%A").parts, ["errors", "%E0%A4%A"]);
});
