/**
 * What the migrations build, read from their statements in order: enough of it to say what they need and what they
 * bring along themselves. A name without a schema is in `public`.
 *
 * @module
 */

import { namesIn, type SqlNode } from "../core/sqlSyntax.ts";
import { isRecord } from "../core/unknownValues.ts";
import type { Place } from "./need.ts";
import { bodyOf, callsIn, placeIn, type ReadStatement, splitName, textConstant } from "./scripts.ts";

/** Where something was made, and by which statement. */
export interface Made {
  place: Place;
  order: number;
}

/** A column as a migration writes it. */
export interface ModelColumn {
  name: string;
  type: string;
  isRequired: boolean;
}

/** A foreign key. */
export interface ModelKey extends Made {
  columns: string[];
  target: { schema: string; name: string };
}

/** A policy. */
export interface ModelPolicy extends Made {
  name: string;
  command: string;
  roles: string[];
  clauses: unknown[];
}

/** A table. */
export interface ModelTable extends Made {
  schema: string;
  name: string;
  columns: Map<string, ModelColumn>;
  primaryKey: string[];
  /** The columns of every index, unique ones too. */
  indexes: string[][];
  foreignKeys: ModelKey[];
  policies: ModelPolicy[];
  secured: Made | null;
}

/** A function. */
export interface ModelFunction extends Made {
  schema: string;
  name: string;
  args: { name: string; isOptional: boolean }[];
  body: string;
}

/** A trigger. */
export interface ModelTrigger extends Made {
  table: { schema: string; name: string };
  function: { schema: string; name: string };
  isInsert: boolean;
}

/** Rights that a migration gives. */
export interface ModelGrant extends Made {
  on: string;
  /** Null for all of the schema. */
  name: string | null;
  schema: string;
  /** Empty for all. */
  privileges: string[];
  roles: string[];
  /** True for rights that objects get when they are made later. */
  isDefault: boolean;
}

/** All that migrations build. */
export interface SchemaModel {
  tables: Map<string, ModelTable>;
  /** Views, and whatever else is read like a table. */
  relations: Map<string, Made>;
  /** Names that tables had before they were renamed or dropped. */
  former: Map<string, Made>;
  functions: ModelFunction[];
  triggers: ModelTrigger[];
  grants: ModelGrant[];
  extensions: Map<string, Made>;
  schemas: Map<string, Made>;
  buckets: Map<string, Made>;
}

/** The key of a relation. */
export function keyOf({ schema, name }: { schema: string; name: string }): string {
  return JSON.stringify([schema, name]);
}

/** A relation of a statement. */
export function relationOf(node: unknown): { schema: string; name: string } {
  const { schemaname = "public", relname = "" } = (node ?? {}) as { schemaname?: string; relname?: string };
  return { schema: schemaname, name: relname };
}

/** Builds the model. */
export function modelOf(statements: readonly ReadStatement[]): SchemaModel {
  const model: SchemaModel = {
    tables: new Map(),
    relations: new Map(),
    former: new Map(),
    functions: [],
    triggers: [],
    grants: [],
    extensions: new Map(),
    schemas: new Map(),
    buckets: new Map(),
  };
  for (const statement of statements) {
    // What a function makes is made when somebody calls it.
    if (!statement.isDeferred) READERS[statement.kind]?.(model, statement);
  }
  return model;
}

type Reader = (model: SchemaModel, statement: ReadStatement) => void;

const READERS: { [kind: string]: Reader } = {
  CreateStmt: readTable,
  CreateTableAsStmt: (model, statement) => addRelation(model, statement, (statement.node.into as SqlNode)?.rel),
  CreateForeignTableStmt: (model, statement) =>
    addRelation(model, statement, (statement.node.base as SqlNode)?.relation),
  ViewStmt: (model, statement) => addRelation(model, statement, statement.node.view),
  AlterTableStmt: readAlterTable,
  IndexStmt: readIndex,
  CreatePolicyStmt: readPolicy,
  CreateFunctionStmt: readFunction,
  CreateTrigStmt: readTrigger,
  CreateExtensionStmt: (model, { node, ...made }) => keep(model.extensions, String(node.extname), made),
  CreateSchemaStmt: (model, { node, ...made }) => keep(model.schemas, String(node.schemaname), made),
  InsertStmt: readBucket,
  SelectStmt: readBucketCall,
  GrantStmt: (model, statement) => readGrant(model, statement, statement.node, null),
  AlterDefaultPrivilegesStmt: readDefaultGrant,
  RenameStmt: readRename,
  DropStmt: readDrop,
};

function keep(map: Map<string, Made>, key: string, { place, order }: Made): void {
  if (!map.has(key)) map.set(key, { place, order });
}

function addRelation(model: SchemaModel, statement: ReadStatement, relation: unknown): void {
  keep(model.relations, keyOf(relationOf(relation)), statement);
}

function readTable(model: SchemaModel, statement: ReadStatement): void {
  const { node, place, order } = statement;
  const relation = relationOf(node.relation);
  if (model.tables.has(keyOf(relation)) && node.if_not_exists) return;
  const table: ModelTable = {
    ...relation,
    place,
    order,
    columns: new Map(),
    primaryKey: [],
    indexes: [],
    foreignKeys: [],
    policies: [],
    secured: null,
  };
  model.tables.set(keyOf(relation), table);
  for (const element of listOf(node.tableElts)) {
    if (isRecord(element.ColumnDef)) addColumn(table, statement, element.ColumnDef);
    if (isRecord(element.Constraint)) addConstraint(table, statement, element.Constraint, []);
  }
}

/** The items of a list of nodes. */
export function listOf(list: unknown): SqlNode[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** The last name of a type. */
export function typeOf(column: SqlNode): string {
  return namesIn((column.typeName as SqlNode | undefined)?.names).at(-1) ?? "";
}

function addColumn(table: ModelTable, statement: ReadStatement, node: SqlNode): void {
  const name = String(node.colname);
  const kinds = listOf(node.constraints).map(({ Constraint }) => String((Constraint as SqlNode)?.contype));
  const fills = ["CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"];
  const type = typeOf(node);
  const isFilled = kinds.some((kind) => fills.includes(kind)) || /^(small|big)?serial[248]?$/.test(type);
  const isNotNull = kinds.includes("CONSTR_NOTNULL") || kinds.includes("CONSTR_PRIMARY");
  table.columns.set(name, { name, type, isRequired: isNotNull && !isFilled });
  for (const { Constraint } of listOf(node.constraints)) {
    if (isRecord(Constraint)) addConstraint(table, statement, Constraint, [name]);
  }
}

function addConstraint(table: ModelTable, statement: ReadStatement, node: SqlNode, own: string[]): void {
  const keys = namesIn(node.keys);
  const columns = keys.length > 0 ? keys : own;
  if (node.contype === "CONSTR_PRIMARY") {
    table.primaryKey = columns;
    for (const name of columns) {
      const column = table.columns.get(name);
      if (column !== undefined && own.length === 0 && !/serial/.test(column.type)) column.isRequired ||= !hasDefault(statement, name);
    }
  }
  if (node.contype === "CONSTR_PRIMARY" || node.contype === "CONSTR_UNIQUE") table.indexes.push(columns);
  if (node.contype !== "CONSTR_FOREIGN") return;
  const listed = namesIn(node.fk_attrs);
  table.foreignKeys.push({
    columns: listed.length > 0 ? listed : own,
    target: relationOf(node.pktable),
    place: placeIn(statement, node),
    order: statement.order,
  });
}

function hasDefault({ node }: ReadStatement, column: string): boolean {
  const definition = listOf(node.tableElts).map(({ ColumnDef }) => ColumnDef as SqlNode | undefined)
    .find((one) => one?.colname === column);
  return listOf(definition?.constraints).some(({ Constraint }) =>
    ["CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"].includes(String((Constraint as SqlNode)?.contype))
  );
}

function readAlterTable(model: SchemaModel, statement: ReadStatement): void {
  const table = model.tables.get(keyOf(relationOf(statement.node.relation)));
  if (table === undefined) return;
  for (const { AlterTableCmd } of listOf(statement.node.cmds)) {
    if (isRecord(AlterTableCmd)) applyCommand(table, statement, AlterTableCmd);
  }
}

function applyCommand(table: ModelTable, statement: ReadStatement, command: SqlNode): void {
  const { subtype, name, def } = command;
  const column = table.columns.get(String(name));
  const definition = isRecord(def) ? def : {};
  if (subtype === "AT_EnableRowSecurity") table.secured = { place: statement.place, order: statement.order };
  if (subtype === "AT_DisableRowSecurity") table.secured = null;
  if (subtype === "AT_AddColumn" && isRecord(definition.ColumnDef)) {
    addColumn(table, statement, definition.ColumnDef);
  }
  if (subtype === "AT_AddConstraint" && isRecord(definition.Constraint)) {
    addConstraint(table, statement, definition.Constraint, []);
  }
  if (subtype === "AT_DropColumn") table.columns.delete(String(name));
  if (column === undefined) return;
  if (subtype === "AT_SetNotNull") column.isRequired = true;
  if (subtype === "AT_DropNotNull") column.isRequired = false;
  if (subtype === "AT_ColumnDefault") column.isRequired = column.isRequired && def === undefined;
}

function readIndex(model: SchemaModel, { node }: ReadStatement): void {
  if (node.whereClause !== undefined) return;
  const columns = listOf(node.indexParams).map(({ IndexElem }) => String((IndexElem as SqlNode)?.name ?? ""));
  model.tables.get(keyOf(relationOf(node.relation)))?.indexes.push(columns);
}

function readPolicy(model: SchemaModel, { node, place, order }: ReadStatement): void {
  const roles = listOf(node.roles).map(({ RoleSpec }) => {
    const { roletype, rolename } = RoleSpec as { roletype: string; rolename?: string };
    return roletype === "ROLESPEC_CSTRING" ? rolename ?? "" : "public";
  });
  model.tables.get(keyOf(relationOf(node.table)))?.policies.push({
    name: String(node.policy_name),
    command: String(node.cmd_name ?? "all"),
    roles: roles.length === 0 ? ["public"] : roles,
    clauses: [node.qual, node.with_check],
    place,
    order,
  });
}

function readFunction(model: SchemaModel, { node, place, order }: ReadStatement): void {
  const { schema, name } = splitName(namesIn(node.funcname));
  const args = listOf(node.parameters).map(({ FunctionParameter }) => FunctionParameter as SqlNode)
    .filter(({ mode }) => mode !== "FUNC_PARAM_OUT" && mode !== "FUNC_PARAM_TABLE")
    .map((one) => ({ name: String(one.name ?? ""), isOptional: one.defexpr !== undefined }));
  model.functions.push({ schema: schema ?? "public", name, args, body: bodyOf(node) ?? "", place, order });
}

const ON_INSERT = 4;

function readTrigger(model: SchemaModel, { node, place, order }: ReadStatement): void {
  const { schema, name } = splitName(namesIn(node.funcname));
  model.triggers.push({
    table: relationOf(node.relation),
    function: { schema: schema ?? "public", name },
    isInsert: (Number(node.events) & ON_INSERT) !== 0,
    place,
    order,
  });
}

function readBucket(model: SchemaModel, statement: ReadStatement): void {
  const { schema, name } = relationOf(statement.node.relation);
  if (schema !== "storage" || name !== "buckets") return;
  const columns = listOf(statement.node.cols).map(({ ResTarget }) => String((ResTarget as SqlNode)?.name));
  const at = Math.max(columns.indexOf("id"), 0);
  const select = (statement.node.selectStmt as SqlNode | undefined)?.SelectStmt as SqlNode | undefined;
  const rows = listOf(select?.valuesLists).map(({ List }) => listOf((List as SqlNode)?.items));
  const targets = listOf(select?.targetList).map(({ ResTarget }) => (ResTarget as SqlNode)?.val);
  for (const values of rows.length > 0 ? rows : [targets]) {
    const id = textConstant(values[at]);
    if (id !== null) keep(model.buckets, id, statement);
  }
}

/** `select storage.create_bucket('x')`, as older guides have it. */
function readBucketCall(model: SchemaModel, statement: ReadStatement): void {
  for (const { schema, name, node } of callsIn(statement.node)) {
    const id = schema === "storage" && name === "create_bucket" ? textConstant(listOf(node.args)[0]) : null;
    if (id !== null) keep(model.buckets, id, statement);
  }
}

const OBJECTS: { [objtype: string]: string } = {
  OBJECT_TABLE: "table",
  OBJECT_SCHEMA: "schema",
  OBJECT_FUNCTION: "function",
  OBJECT_ROUTINE: "function",
};

function readGrant(model: SchemaModel, made: Made, node: SqlNode, defaultSchemas: string[] | null): void {
  const on = OBJECTS[String(node.objtype)];
  if (on === undefined || node.is_grant !== true) return;
  const roles = listOf(node.grantees).map(({ RoleSpec }) => String((RoleSpec as SqlNode)?.rolename ?? "public"));
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

function readDefaultGrant(model: SchemaModel, statement: ReadStatement): void {
  const schemas = listOf(statement.node.options).flatMap(({ DefElem }) => {
    const { defname, arg } = DefElem as { defname: string; arg?: { List?: { items: unknown } } };
    return defname === "schemas" ? namesIn(arg?.List?.items) : [];
  });
  if (isRecord(statement.node.action)) readGrant(model, statement, statement.node.action, schemas);
}

function forget(model: SchemaModel, key: string): void {
  const table = model.tables.get(key);
  if (table !== undefined) model.former.set(key, { place: table.place, order: table.order });
  model.tables.delete(key);
}

function readRename(model: SchemaModel, { node }: ReadStatement): void {
  const from = relationOf(node.relation);
  const table = model.tables.get(keyOf(from));
  if (table === undefined) return;
  const name = String(node.newname);
  if (node.renameType === "OBJECT_TABLE") {
    forget(model, keyOf(from));
    model.tables.set(keyOf({ ...from, name }), Object.assign(table, { name }));
  }
  const column = table.columns.get(String(node.subname));
  if (node.renameType !== "OBJECT_COLUMN" || column === undefined) return;
  table.columns.delete(column.name);
  table.columns.set(name, Object.assign(column, { name }));
}

function readDrop(model: SchemaModel, { node }: ReadStatement): void {
  for (const object of listOf(node.objects)) {
    const { schema, name } = splitName(namesIn((object.List as SqlNode | undefined)?.items));
    const key = keyOf({ schema: schema ?? "public", name });
    if (node.removeType === "OBJECT_TABLE") forget(model, key);
    if (node.removeType === "OBJECT_VIEW") model.relations.delete(key);
  }
}
