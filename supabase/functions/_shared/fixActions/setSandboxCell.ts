/** `set_sandbox_cell`: mends a cell of the sandbox, where the system tries itself. @module */

import { z } from "../core/validation.ts";
import { type FixActionKind, type FixContext, GO, refused, sqlOf } from "./kind.ts";

const schema = z.strictObject({
  kind: z.literal("set_sandbox_cell"),
  /** The cell, as the audit named it. */
  cell: z.string().regex(/^audit_[0-9a-f]{32}$/, "the name of a cell"),
});

/** Parameters of `set_sandbox_cell`. */
export type SetSandboxCell = z.infer<typeof schema>;

/** The kind `set_sandbox_cell`; it reaches nothing but the cells of `healing_sandbox`. */
export const setSandboxCell: FixActionKind<SetSandboxCell> = {
  kind: "set_sandbox_cell",
  // It changes nothing that anybody uses, so it takes no part in the budgets of what does.
  group: "call",
  needs: "sql",
  schema,
  risk: () => "low",
  target: (action) => `sandbox:${action.cell}`,
  describe: (action) => `mend cell ${action.cell} of the sandbox`,
  async precondition(context, action) {
    const value = await valueOf(context, action);
    if (value === undefined) return refused(`there is no cell ${action.cell}`);
    return value === "mended" ? { kind: "alreadyDone", reason: `cell ${action.cell} is mended` } : GO;
  },
  snapshot: async (context, action) => ({ value: await valueOf(context, action) ?? null }),
  async apply(context, action) {
    await sqlOf(context).query("update healing_sandbox.cells set value = 'mended' where name = $1", [
      action.cell,
    ]);
  },
  state: async (context, action) => ({ value: await valueOf(context, action) ?? null }),
  async probe(context, action) {
    const value = await valueOf(context, action);
    return { ok: value === "mended", measured: `cell ${action.cell} is ${value ?? "gone"}` };
  },
  async revert(context, action) {
    await sqlOf(context).query("update healing_sandbox.cells set value = 'broken' where name = $1", [
      action.cell,
    ]);
  },
};

async function valueOf(context: FixContext, action: SetSandboxCell): Promise<string | undefined> {
  const [cell] = await sqlOf(context).query<{ value: string }>(
    "select value from healing_sandbox.cells where name = $1",
    [action.cell],
  );
  return cell?.value;
}
