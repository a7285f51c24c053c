/** `rename_column`: moves a value of a payload to the column that means it. @module */

import { z } from "../core/validation.ts";
import {
  type FixActionKind,
  type FixContext,
  GO,
  type PayloadAccess,
  type Precondition,
  refused,
} from "./kind.ts";

const column = z.string().min(1).max(63);
const schema = z.strictObject({
  kind: z.literal("rename_column"),
  /** The key that the payload has. */
  from: column,
  /** The column that the table has. */
  to: column,
});

/** Parameters of `rename_column`. */
export type RenameColumn = z.infer<typeof schema>;

/** The kind `rename_column`. */
export const renameColumn: FixActionKind<RenameColumn> = {
  kind: "rename_column",
  group: "payload",
  needs: "payload",
  schema,
  risk: () => "low",
  target: (action) => `column:${action.to}`,
  describe: (action) => `send the value of "${action.from}" as "${action.to}"`,
  precondition: (context, action) => Promise.resolve(judge(payloadOf(context), action)),
  snapshot: (context) => Promise.resolve({ keys: Object.keys(payloadOf(context).row) }),
  apply(context, action) {
    const access = payloadOf(context);
    const { [action.from]: value, ...rest } = access.row;
    access.row = { ...rest, [action.to]: value };
    return Promise.resolve();
  },
  probe(context, action) {
    const { row, columns } = payloadOf(context);
    const strangers = Object.keys(row).filter((key) => !columns.includes(key));
    const ok = Object.hasOwn(row, action.to) &&
      !strangers.includes(action.from);
    return Promise.resolve({
      ok,
      measured: `${strangers.length} keys of the row are still not columns of the table`,
    });
  },
  revert(context, action) {
    const access = payloadOf(context);
    const { [action.to]: value, ...rest } = access.row;
    access.row = { ...rest, [action.from]: value };
    return Promise.resolve();
  },
};

function payloadOf(context: FixContext): PayloadAccess {
  if (context.payload === undefined) {
    throw new TypeError("Cannot rename a column as the context has no payload");
  }
  return context.payload;
}

function judge({ row, columns }: PayloadAccess, { from, to }: RenameColumn): Precondition {
  if (!Object.hasOwn(row, from)) return refused(`the payload has no "${from}"`);
  if (columns.includes(from)) return refused(`"${from}" is a column of the table`);
  if (!columns.includes(to)) return refused(`"${to}" is not a column of the table`);
  return Object.hasOwn(row, to) ? refused(`the payload already has a value for "${to}"`) : GO;
}
