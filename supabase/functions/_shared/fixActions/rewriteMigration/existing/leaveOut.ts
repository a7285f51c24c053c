/** Compares what a statement makes with what is there, and leaves it out when both are the same. @module */

import { relationName, type SqlNode, unitsAt } from "../../../core/sqlSyntax.ts";
import { columnOf, constraintOf, indexOf, policyOf, triggerOf } from "./members.ts";
import { relationOf, routineOf, typeOf } from "./relations.ts";
import { type Comparable, compare } from "./scratch.ts";
import {
  skipExtension,
  skipLabel,
  skipMembers,
  skipPrimaryKey,
  skipPublication,
  skipRole,
  skipSchema,
} from "./simple.ts";
import { type Failure, leaveOut, putInPlace, refuse, type Rewriting, spliced } from "../transform.ts";

/** What each kind of statement makes, to be compared with what exists. */
const MAKERS: Readonly<Record<string, (failure: Failure, node: SqlNode) => Promise<Comparable>>> = {
  CreateStmt: ({ sql }, node) => relationOf(sql, node.relation as SqlNode),
  ViewStmt: ({ sql }, node) => relationOf(sql, node.view as SqlNode),
  CreateSeqStmt: ({ sql }, node) => relationOf(sql, node.sequence as SqlNode),
  CreateTableAsStmt: ({ sql }, node) => relationOf(sql, (node.into as SqlNode).rel as SqlNode),
  CreateEnumStmt: ({ sql }, node) => typeOf(sql, node.typeName),
  CreateDomainStmt: ({ sql }, node) => typeOf(sql, node.domainname),
  CreateRangeStmt: ({ sql }, node) => typeOf(sql, node.typeName),
  CompositeTypeStmt: ({ sql }, node) => typeOf(sql, namesOfRelation(node.typevar as SqlNode)),
  CreateFunctionStmt: ({ sql }, node) => routineOf(sql, node.funcname),
  CreateTrigStmt: ({ sql }, node) => triggerOf(sql, node),
  CreatePolicyStmt: ({ sql }, node) => policyOf(sql, node),
  IndexStmt: ({ sql }, node) => indexOf(sql, node),
};

/** Statements that are the same by a few facts. */
const SKIPPERS: Readonly<Record<string, (failure: Failure, node: SqlNode) => Promise<Rewriting>>> = {
  CreateSchemaStmt: skipSchema,
  CreateExtensionStmt: skipExtension,
  CreateRoleStmt: skipRole,
  AlterPublicationStmt: skipMembers,
  CreatePublicationStmt: skipPublication,
  AlterEnumStmt: skipLabel,
  AlterTableStmt: skipInTable,
};

/** Leaves the statement out when what it makes is there already, in the same form. */
export async function leaveOutExisting(failure: Failure): Promise<Rewriting> {
  const { parsed } = failure;
  if (parsed === null) return refuse("the statement could not be parsed");
  const skipper = SKIPPERS[parsed.kind];
  if (skipper !== undefined) return await skipper(failure, parsed.node);
  const maker = MAKERS[parsed.kind];
  if (maker === undefined) return refuse(`what ${parsed.kind} makes cannot be compared`);
  if (parsed.kind === "CreateTableAsStmt" && isTable(parsed.node)) {
    return refuse("the statement fills a table: whether it holds the same rows is not for a rule to say");
  }
  return await skipWhenSame(failure, () => maker(failure, parsed.node));
}

function isTable(node: SqlNode): boolean {
  return node.objtype === "OBJECT_TABLE";
}

function namesOfRelation({ schemaname, relname }: SqlNode): unknown {
  return [schemaname, relname].filter((name) => name !== undefined).map((sval) => ({ String: { sval } }));
}

/** Compares, and leaves the statement out when both are the same. */
async function skipWhenSame(
  failure: Failure,
  object: () => Promise<Comparable>,
  skip: () => Rewriting = () =>
    leaveOut(failure, `${failure.object} exists already with the same definition`),
): Promise<Rewriting> {
  let comparable: Comparable;
  try {
    comparable = await object();
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const compared = await compare(failure, comparable);
  if (compared.kind === "same") return skip();
  if (compared.kind === "unknown") {
    return refuse(`${failure.object} exists and could not be compared: ${compared.reason}`);
  }
  const [existing, wanted] = differenceOf(compared.existing, compared.wanted);
  return refuse(
    `${failure.object} exists with another definition (${existing}) than the migration wants (${wanted}); ` +
      "write a migration that alters it, or take the statement out",
  );
}

/** The stretch in which two texts differ, with a little of what is around it. */
function differenceOf(a: string, b: string): [string, string] {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const from = Math.max(0, start - 20);
  return [
    a.slice(from, a.length - end + 10).slice(0, 160),
    b.slice(from, b.length - end + 10).slice(0, 160),
  ];
}

/** `alter table … add`: columns that are the same get `if not exists`, a constraint or a key is left out. */
async function skipInTable(failure: Failure, node: SqlNode): Promise<Rewriting> {
  const commands = (node.cmds as { AlterTableCmd: SqlNode }[]).map(({ AlterTableCmd }) => AlterTableCmd);
  if (commands.some(({ subtype }) => subtype === "AT_AddColumn")) {
    return await skipColumns(failure, node, commands);
  }
  const [command, ...others] = commands;
  if (command?.subtype !== "AT_AddConstraint" || others.length > 0) {
    return refuse("the statement does more than add what exists");
  }
  const constraint = (command.def as { Constraint: SqlNode }).Constraint;
  if (constraint.contype === "CONSTR_PRIMARY") {
    return await skipPrimaryKey(failure, node.relation, constraint.keys);
  }
  if (typeof constraint.conname !== "string") return refuse("the constraint has no name");
  const name = constraint.conname;
  return await skipWhenSame(failure, () => constraintOf(failure.sql, node.relation, name));
}

async function skipColumns(failure: Failure, node: SqlNode, commands: SqlNode[]): Promise<Rewriting> {
  const added = commands.filter(({ subtype, missing_ok }) => subtype === "AT_AddColumn" && !missing_ok);
  const places = added.map(({ def }) => (def as { ColumnDef: SqlNode }).ColumnDef).map((column) => ({
    name: String(column.colname),
    place: unitsAt(failure.statement.text, Number(column.location)),
  }));
  if (new Set(places.map(({ name }) => name)).size < places.length) {
    return refuse("the statement adds the same column twice");
  }
  let { text } = failure.statement;
  const insert = (chosen: typeof places) =>
    spliced(
      failure.statement.text,
      chosen.map(({ place }) => ({ from: place, to: place, text: "if not exists " })),
    );
  for (const { name } of places) {
    const others = insert(places.filter((column) => column.name !== name));
    const single = { ...failure, object: `column ${name}`, statement: { text: others } };
    if (!await hasColumn(failure, node.relation as SqlNode, name)) continue;
    const verdict = await skipWhenSame(single, () => columnOf(failure.sql, node.relation, name));
    if (verdict.kind === "refused") return verdict;
    text = insert(places);
  }
  return putInPlace(failure, [text], "the columns exist already with the same definition");
}

async function hasColumn({ sql }: Failure, relation: SqlNode, name: string): Promise<boolean> {
  const found = await sql.query(
    "select from pg_catalog.pg_attribute where attrelid = to_regclass($1) and attname = $2 and not attisdropped",
    [relationName(relation), name],
  );
  return found.length === 1;
}
