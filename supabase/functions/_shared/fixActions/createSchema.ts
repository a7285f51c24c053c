/** `create_schema`: makes a schema that a statement names and nobody made. @module */

import type { SqlPort } from "../core/ports.ts";
import { z } from "../core/validation.ts";
import { type FixActionKind, GO, refused, sqlOf } from "./kind.ts";

const schema = z.strictObject({
  kind: z.literal("create_schema"),
  /** The schema, as it is named in the catalogue. */
  schema: z.string().regex(
    /^[a-z_][a-z0-9_]{0,62}$/,
    "a plain lower-case identifier",
  ),
});

/** Parameters of `create_schema`. */
export type CreateSchema = z.infer<typeof schema>;

/** Schemas of the platform and of this system; whoever makes one of them by mistake shadows or breaks it. */
const RESERVED =
  /^(pg_|supabase_|healing_|graphql)|^(auth|storage|realtime|vault|net|cron|extensions|pgbouncer|pgsodium|pgmq|information_schema|public)$/;

const NEIGHBOURS = `
  select nspname as name from pg_catalog.pg_namespace
  where nspname !~ '^pg_' and nspname <> 'information_schema'`;

/** The kind `create_schema`. */
export const createSchema: FixActionKind<CreateSchema> = {
  kind: "create_schema",
  group: "database",
  needs: "sql",
  schema,
  // A migration says what it wants and proves it in the same transaction; a running system may simply be wrong.
  risk: (_action, origin) => origin === "migration" ? "low" : "medium",
  target: (action) => `schema:${action.schema}`,
  describe: (action) => `create schema ${action.schema}`,
  toSql: (action) => [`create schema if not exists ${action.schema}`],
  async precondition(context, action) {
    if (RESERVED.test(action.schema)) return refused(`schema ${action.schema} belongs to the platform`);
    const existing = await sqlOf(context).query<{ name: string }>(NEIGHBOURS);
    if (existing.some(({ name }) => name === action.schema)) {
      return { kind: "alreadyDone", reason: `schema ${action.schema} has been made meanwhile` };
    }
    const alike = existing.find(({ name }) => isLikelyTypo(action.schema, name));
    return alike === undefined
      ? GO
      : refused(`schema ${action.schema} looks like a misspelling of ${alike.name}`);
  },
  snapshot: () => Promise.resolve({ existed: false }),
  async apply(context, action) {
    await sqlOf(context).execute("create schema %I", action.schema);
  },
  async state(context, action) {
    return { exists: await isPresent(sqlOf(context), action) };
  },
  async probe(context, action) {
    const ok = await isPresent(sqlOf(context), action);
    return { ok, measured: `schema ${action.schema} ${ok ? "is" : "is not"} in the catalogue` };
  },
  async revert(context, action) {
    await sqlOf(context).execute(
      "drop schema if exists %I restrict",
      action.schema,
    );
  },
};

async function isPresent(sql: SqlPort, action: CreateSchema): Promise<boolean> {
  const found = await sql.query("select from pg_catalog.pg_namespace where nspname = $1", [action.schema]);
  return found.length === 1;
}

/** `tenant_12` and `tenant_b` are members of a family, not misspellings of each other. */
function familyOf(name: string): string {
  return name.replace(/_[a-z0-9]{1,2}$/, "").replace(/\d+/g, "");
}

/** True when one name becomes the other by one insertion, deletion, exchange or swap of neighbours. */
export function isLikelyTypo(name: string, other: string): boolean {
  if (name.length < 4 || familyOf(name) === familyOf(other)) return false;
  let start = 0;
  while (start < name.length && name[start] === other[start]) start++;
  const restA = name.slice(start);
  const restB = other.slice(start);
  const swapped = restA.length > 1 &&
    restA[1]! + restA[0]! + restA.slice(2) === restB;
  return swapped || restA.slice(1) === restB || restA === restB.slice(1) ||
    (restA.length === restB.length && restA.slice(1) === restB.slice(1));
}
