/** Tables, their columns, keys and indexes, as statements make and change them. @module */

import { namesIn, type SqlNode } from "../core/sqlSyntax.ts";
import { isRecord } from "../core/unknownValues.ts";
import { keyOf, listOf, relationOf, typeOf } from "./nodes.ts";
import type { ModelTable, SchemaModel } from "./schemaModel.ts";
import { placeIn, type ReadStatement, splitName } from "./scripts.ts";

/** Reads `create table`. */
export function readTable(model: SchemaModel, statement: ReadStatement): void {
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
      if (column !== undefined && own.length === 0 && !/serial/.test(column.type)) {
        column.isRequired ||= !hasDefault(statement, name);
      }
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
    ["CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"].includes(
      String((Constraint as SqlNode)?.contype),
    )
  );
}

/** Reads `alter table`. */
export function readAlterTable(model: SchemaModel, statement: ReadStatement): void {
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

/** Reads `create index`; one over a part of the rows serves nobody here, unless it leaves out nulls alone. */
export function readIndex(model: SchemaModel, { node }: ReadStatement): void {
  const columns = listOf(node.indexParams).map(({ IndexElem }) => String((IndexElem as SqlNode)?.name ?? ""));
  if (node.whereClause !== undefined && notNullColumn(node.whereClause) !== columns[0]) return;
  model.tables.get(keyOf(relationOf(node.relation)))?.indexes.push(columns);
}

/** The column of `where column is not null`. */
function notNullColumn(clause: unknown): string | undefined {
  const { NullTest: test } = clause as { NullTest?: { nulltesttype: string; arg: { ColumnRef?: SqlNode } } };
  return test?.nulltesttype === "IS_NOT_NULL" ? namesIn(test.arg.ColumnRef?.fields).at(-1) : undefined;
}

function forget(model: SchemaModel, key: string): void {
  const table = model.tables.get(key);
  if (table !== undefined) model.former.set(key, { place: table.place, order: table.order });
  model.tables.delete(key);
}

/** Reads a new name of a table or a column. */
export function readRename(model: SchemaModel, { node }: ReadStatement): void {
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

/** Reads what is dropped. */
export function readDrop(model: SchemaModel, { node }: ReadStatement): void {
  for (const object of listOf(node.objects)) {
    const { schema, name } = splitName(namesIn((object.List as SqlNode | undefined)?.items));
    const key = keyOf({ schema: schema ?? "public", name });
    if (node.removeType === "OBJECT_TABLE") forget(model, key);
    if (node.removeType === "OBJECT_VIEW") model.relations.delete(key);
  }
}
