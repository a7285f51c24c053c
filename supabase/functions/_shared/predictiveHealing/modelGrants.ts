/** Rights, as statements give them. @module */

import { namesIn, type SqlNode } from "../core/sqlSyntax.ts";
import { isRecord } from "../core/unknownValues.ts";
import { listOf, relationOf } from "./nodes.ts";
import type { Made, SchemaModel } from "./schemaModel.ts";
import { type ReadStatement, splitName } from "./scripts.ts";

const OBJECTS: { [objtype: string]: string } = {
  OBJECT_TABLE: "table",
  OBJECT_SCHEMA: "schema",
  OBJECT_FUNCTION: "function",
  OBJECT_ROUTINE: "function",
};

/** Reads `grant`; `defaultSchemas` are those of `alter default privileges`. */
export function readGrant(
  model: SchemaModel,
  made: Made,
  node: SqlNode,
  defaultSchemas: string[] | null,
): void {
  const on = OBJECTS[String(node.objtype)];
  if (on === undefined || node.is_grant !== true) return;
  const roles = listOf(node.grantees).map(({ RoleSpec }) =>
    String((RoleSpec as SqlNode)?.rolename ?? "public")
  );
  const privileges = listOf(node.privileges).map(({ AccessPriv }) =>
    String((AccessPriv as SqlNode)?.priv_name ?? "").toUpperCase()
  );
  const shared = { on, privileges, roles, place: made.place, order: made.order };
  const all = defaultSchemas ?? (node.targtype === "ACL_TARGET_ALL_IN_SCHEMA" ? namesIn(node.objects) : null);
  for (const schema of all ?? []) {
    model.grants.push({ ...shared, schema, name: null, isDefault: defaultSchemas !== null });
  }
  if (all !== null) return;
  for (const object of listOf(node.objects)) {
    const { schema, name } = objectOf(object);
    model.grants.push({ ...shared, schema, name, isDefault: false });
  }
}

function objectOf(object: SqlNode): { schema: string; name: string | null } {
  if (isRecord(object.RangeVar)) return relationOf(object.RangeVar);
  if (isRecord(object.ObjectWithArgs)) {
    const { schema, name } = splitName(namesIn(object.ObjectWithArgs.objname));
    return { schema: schema ?? "public", name };
  }
  return { schema: namesIn([object])[0] ?? "", name: null };
}

/** Reads `alter default privileges`. */
export function readDefaultGrant(model: SchemaModel, statement: ReadStatement): void {
  const schemas = listOf(statement.node.options).flatMap(({ DefElem }) => {
    const { defname, arg } = DefElem as { defname: string; arg?: { List?: { items: unknown } } };
    return defname === "schemas" ? namesIn(arg?.List?.items) : [];
  });
  if (isRecord(statement.node.action)) readGrant(model, statement, statement.node.action, schemas);
}
