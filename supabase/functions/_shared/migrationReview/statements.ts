/** The statements that a generated migration may have, each with what must hold for it. @module */

import { namesIn, relationName, type SqlNode } from "../core/sqlSyntax.ts";
import { isConstant } from "./expressions.ts";

interface Made {
  tables: Set<string>;
  secured: Set<string>;
}

/** Why a statement may not run, or null; notes what it makes. */
type Judge = (node: SqlNode, made: Made) => string | null;

const EXTENSIONS: ReadonlySet<string> = new Set(["pgcrypto", "uuid-ossp", "citext", "pg_trgm", "vector"]);
const CHANGES: ReadonlySet<string> = new Set([
  "AT_EnableRowSecurity",
  "AT_ForceRowSecurity",
  "AT_AddColumn",
  "AT_AddConstraint",
]);
const RIGHTS: ReadonlySet<string> = new Set(["select", "insert", "update", "delete"]);

/** A relation of the schema that a project may build in; null for any other. */
function publicName(relation: unknown): string | null {
  const { schemaname = "public", catalogname } = relation as { schemaname?: string; catalogname?: string };
  if (schemaname !== "public" || catalogname !== undefined) return null;
  return relationName({ ...(relation as object), schemaname });
}

function made(relation: unknown, { tables }: Made): string | null {
  const name = publicName(relation);
  return name !== null && tables.has(name)
    ? null
    : "it speaks about a table that this migration did not make";
}

/** The judges by the parser's name of the kind. */
export const JUDGES: Readonly<Record<string, Judge>> = {
  CreateStmt(node, { tables }) {
    const name = publicName(node.relation);
    const { relpersistence } = node.relation as { relpersistence?: string };
    if (name === null) return "its table is not in the schema public";
    if (relpersistence !== "p") return "its table is not a plain one";
    // What follows could then speak about a table that is there.
    if (node.if_not_exists === true) return "with if not exists it may mean a table that is there";
    const known = ["relation", "tableElts", "oncommit"];
    if (Object.keys(node).some((key) => !known.includes(key))) return "its table builds on another one";
    const elements = (node.tableElts ?? []) as Record<string, unknown>[];
    if (elements.some((one) => !("ColumnDef" in one) && !("Constraint" in one))) {
      return "its table copies another one";
    }
    tables.add(name);
    return null;
  },
  IndexStmt(node, so) {
    if (node.concurrent === true) return "an index of a new table needs no concurrently";
    return made(node.relation, so);
  },
  AlterTableStmt(node, so) {
    const problem = made(node.relation, so);
    if (problem !== null) return problem;
    for (const item of (node.cmds ?? []) as { AlterTableCmd: { subtype: string } }[]) {
      const { subtype } = item.AlterTableCmd;
      if (!CHANGES.has(subtype)) return `it changes more than it may (${subtype})`;
      if (subtype === "AT_EnableRowSecurity") so.secured.add(publicName(node.relation)!);
    }
    return null;
  },
  CreatePolicyStmt(node, so) {
    const reads = node.cmd_name === "select";
    const opens = [node.qual, node.with_check].some((one) => one !== undefined && isConstant(one));
    if (!reads && opens) return "its policy lets everybody write";
    return made(node.table, so);
  },
  GrantStmt(node, so) {
    const { objects = [], privileges = [], grantees = [] } = node as Record<
      string,
      Record<string, unknown>[]
    >;
    if (node.is_grant !== true || node.objtype !== "OBJECT_TABLE" || node.targtype !== "ACL_TARGET_OBJECT") {
      return "it grants something else than rights on a table";
    }
    const rights = privileges.map(({ AccessPriv }) =>
      (AccessPriv as { priv_name?: string }).priv_name ?? "all"
    );
    const roles = grantees.map(({ RoleSpec }) => (RoleSpec as { rolename?: string }).rolename ?? "public");
    if (rights.length === 0 || rights.some((right) => !RIGHTS.has(right))) {
      return "it grants more than it may";
    }
    const isOdd = (role: string) =>
      role === "anon"
        ? rights.some((right) => right !== "select")
        : !["authenticated", "service_role"].includes(role);
    if (roles.some(isOdd) || node.grant_option === true) return "it grants to whom it may not";
    return objects.map(({ RangeVar }) => made(RangeVar, so)).find((problem) => problem !== null) ?? null;
  },
  CommentStmt(node, so) {
    const names = namesIn((node.object as { List?: { items?: unknown } }).List?.items);
    const parts = node.objtype === "OBJECT_COLUMN" ? names.slice(0, -1) : names;
    if (node.objtype !== "OBJECT_TABLE" && node.objtype !== "OBJECT_COLUMN") {
      return "it comments on something else";
    }
    const [relname, schemaname = "public"] = parts.toReversed();
    return made({ relname, schemaname }, so);
  },
  CreateEnumStmt(node) {
    const names = namesIn(node.typeName);
    return names.length === 1 || names[0] === "public" ? null : "its type is not in the schema public";
  },
  CreateExtensionStmt(node) {
    const isKnown = EXTENSIONS.has(String(node.extname));
    return isKnown && node.if_not_exists === true
      ? null
      : "its extension is not on the list, or lacks if not exists";
  },
};
