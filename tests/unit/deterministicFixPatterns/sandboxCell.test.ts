import assert from "node:assert/strict";
import { sandboxCell } from "../../../supabase/functions/_shared/deterministicFixPatterns/sandboxCell.ts";
import { parseFixAction } from "../../../supabase/functions/_shared/fixActions.ts";
import { facts } from "../../helpers/facts.ts";

const CELL = `audit_${"0a".repeat(16)}`;

Deno.test("sandboxCell mends the cell that an audit named, and nothing that only looks like one", () => {
  const message = `sandbox cell ${CELL} is broken`;
  assert.deepEqual(sandboxCell.propose(facts({ code: "HSBOX", message })), {
    kind: "set_sandbox_cell",
    cell: CELL,
  });
  for (
    const changes of [
      { code: "", message },
      { code: "42P01", message },
      { code: "HSBOX", message: `sandbox cell ${CELL}; drop table x is broken` },
      { code: "HSBOX", message: "sandbox cell orders is broken" },
    ]
  ) assert.equal(sandboxCell.propose(facts(changes)), null);
});

Deno.test("set_sandbox_cell takes the name of a cell and no other", () => {
  assert.throws(() => parseFixAction({ kind: "set_sandbox_cell", cell: "public.orders" }), {
    code: "FIX_REFUSED",
  });
  assert.throws(() => parseFixAction({ kind: "set_sandbox_cell", cell: CELL, value: "x" }), {
    code: "FIX_REFUSED",
  });
});
