/**
 * What the migrations build, read from their statements in order: enough of it to say what they need and what they
 * bring along themselves. A name without a schema is in `public`.
 *
 * @module
 */

import { namesIn, type SqlNode } from "../core/sqlSyntax.ts";
import { readDefaultGrant, readGrant } from "./modelGrants.ts";
import { readAlterTable, readDrop, readIndex, readRename, readTable } from "./modelTables.ts";
import type { Place } from "./need.ts";
import { keyOf, listOf, relationOf } from "./nodes.ts";
import { bodyOf, callsIn, type ReadStatement, splitName, textConstant } from "./scripts.ts";

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
  CreateTableAsStmt: (model, statement) =>
    addRelation(model, statement, (statement.node.into as SqlNode)?.rel),
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
