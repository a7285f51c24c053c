/**
 * What a statement looks for in which table, by Postgres' own parser: columns it compares for being equal, for lying in
 * a range, and the order it wants.
 *
 * Only what has to hold for every row counts (conditions joined by `and`), and only a bare column: an index of a column
 * does nothing for a function of it. What cannot be told for sure is left out.
 *
 * @module
 */

import { eachNode, namesIn, parseStatement, type SqlNode } from "../core/sqlSyntax.ts";
import { isRecord } from "../core/unknownValues.ts";

/** A column in an order. */
export interface OrderedColumn {
  name: string;
  descending: boolean;
}

/** How a statement reads one table. */
export interface Access {
  schema: string;
  table: string;
  equal: string[];
  range: string[];
  order: OrderedColumn[];
  hasLimit: boolean;
}

/** A table that a name may mean. */
export interface NamedTable {
  schema: string;
  table: string;
  columns: string[];
}

/** A parsed statement: the names it reads from, and how, once it is known what they mean. */
export interface ParsedReading {
  names: string[];
  accesses(tables: readonly NamedTable[]): Access[];
}

interface Level {
  /** By alias; null is something that is no table. */
  sources: Map<string, SqlNode | null>;
  conditions: SqlNode[];
  sort: SqlNode[];
  hasLimit: boolean;
}

const RANGE = new Set(["<", "<=", ">", ">="]);
const RANGE_KINDS = new Set(["AEXPR_BETWEEN", "AEXPR_BETWEEN_SYM"]);
const EQUAL_KINDS = new Set(["AEXPR_OP", "AEXPR_IN", "AEXPR_OP_ANY"]);

/** Parses a normalised statement; null when it is none that reads. */
export async function readAccesses(text: string): Promise<ParsedReading | null> {
  const parsed = await parseStatement(text);
  if (parsed === null) return null;
  const tree = { [parsed.kind]: parsed.node };
  const common = new Set<string>();
  eachNode(tree, "CommonTableExpr", ({ ctename }) => common.add(String(ctename)));
  const levels: Level[] = [];
  for (const kind of ["SelectStmt", "UpdateStmt", "DeleteStmt"]) {
    eachNode(tree, kind, (node) => levels.push(levelOf(node, common)));
  }
  const names = levels.flatMap(({ sources }) =>
    [...sources.values()].flatMap((table) => table === null ? [] : [String(table.relname)])
  );
  return {
    names: [...new Set(names)],
    accesses: (tables) => levels.flatMap((level) => accessesOf(level, tables)),
  };
}

function levelOf(node: SqlNode, common: ReadonlySet<string>): Level {
  const level: Level = {
    sources: new Map(),
    conditions: [],
    sort: [],
    hasLimit: node.limitCount !== undefined,
  };
  const from = [...listOf(node.fromClause), ...listOf(node.usingClause)];
  if (isRecord(node.relation)) from.unshift({ RangeVar: node.relation });
  for (const item of from) addSource(item, level, common);
  addConditions(node.whereClause, level.conditions);
  level.sort = listOf(node.sortClause).flatMap((item) => isRecord(item.SortBy) ? [item.SortBy] : []);
  return level;
}

function addSource(item: SqlNode, level: Level, common: ReadonlySet<string>): void {
  if (isRecord(item.JoinExpr)) {
    const { larg, rarg, quals, jointype } = item.JoinExpr;
    for (const side of [larg, rarg]) if (isRecord(side)) addSource(side, level, common);
    // Of an outer join the other rows come as well; for the side that may be missing the condition finds them all the same.
    if (jointype === "JOIN_INNER" || jointype === "JOIN_LEFT") addConditions(quals, level.conditions);
    return;
  }
  const range = item.RangeVar;
  if (!isRecord(range)) {
    const alias = Object.values(item).flatMap((inner) => isRecord(inner) ? [aliasOf(inner)] : [])[0];
    // Without a name it cannot be meant by one, but a bare column may still be its.
    level.sources.set(alias ?? `\0${level.sources.size}`, null);
    return;
  }
  const isCommon = range.schemaname === undefined && common.has(String(range.relname));
  level.sources.set(aliasOf(range) ?? String(range.relname), isCommon ? null : range);
}

function aliasOf({ alias }: SqlNode): string | undefined {
  return isRecord(alias) && typeof alias.aliasname === "string" ? alias.aliasname : undefined;
}

function addConditions(condition: unknown, into: SqlNode[]): void {
  if (!isRecord(condition)) return;
  if (isRecord(condition.BoolExpr) && condition.BoolExpr.boolop === "AND_EXPR") {
    for (const part of listOf(condition.BoolExpr.args)) addConditions(part, into);
  } else if (isRecord(condition.A_Expr)) {
    into.push(condition.A_Expr);
  }
}

function accessesOf(level: Level, tables: readonly NamedTable[]): Access[] {
  const known = new Map<string, Access>();
  const columns = new Map<string, string[]>();
  for (const [alias, source] of level.sources) {
    const meant = source === null ? [] : tables.filter((table) => isMeant(source, table));
    // A name that two schemas have may mean either.
    if (meant.length !== 1) continue;
    const { schema, table } = meant[0]!;
    known.set(alias, { schema, table, equal: [], range: [], order: [], hasLimit: level.hasLimit });
    columns.set(alias, meant[0]!.columns);
  }
  const resolve = (node: unknown) => resolveColumn(node, { sources: level.sources, columns, known });
  for (const condition of level.conditions) noteCondition(condition, known, resolve);
  noteOrder(level, known, resolve);
  return [...known.values()].filter(({ equal, range, order }) =>
    equal.length + range.length + order.length > 0
  );
}

function isMeant({ schemaname, relname }: SqlNode, { schema, table }: NamedTable): boolean {
  return table === relname && (schemaname === undefined || schema === schemaname);
}

interface Scope {
  sources: Level["sources"];
  columns: ReadonlyMap<string, string[]>;
  known: ReadonlyMap<string, Access>;
}

type Resolve = (node: unknown) => { alias: string; name: string } | null;

function resolveColumn(node: unknown, { sources, columns, known }: Scope): ReturnType<Resolve> {
  if (!isRecord(node) || !isRecord(node.ColumnRef)) return null;
  const fields = namesIn(node.ColumnRef.fields);
  const name = fields.at(-1);
  if (name === undefined || fields.length !== listOf(node.ColumnRef.fields).length) return null;
  if (fields.length >= 2) {
    const alias = fields.at(-2)!;
    return columns.get(alias)?.includes(name) ? { alias, name } : null;
  }
  // A bare name next to something whose columns are not known may be its.
  if ([...sources.keys()].some((alias) => !known.has(alias))) return null;
  const owners = [...columns].filter(([, names]) => names.includes(name));
  return owners.length === 1 ? { alias: owners[0]![0], name } : null;
}

function noteCondition(condition: SqlNode, known: ReadonlyMap<string, Access>, resolve: Resolve): void {
  const operator = namesIn(condition.name).at(-1) ?? "";
  const isRange = RANGE_KINDS.has(String(condition.kind)) ||
    (condition.kind === "AEXPR_OP" && RANGE.has(operator));
  const isEqual = EQUAL_KINDS.has(String(condition.kind)) && operator === "=";
  if (!isRange && !isEqual) return;
  const sides = [resolve(condition.lexpr), resolve(condition.rexpr)];
  // Two columns of one row: no value to look for.
  if (sides[0]?.alias !== undefined && sides[0].alias === sides[1]?.alias) return;
  for (const side of sides) {
    const access = known.get(side?.alias ?? "");
    if (side === null || access === undefined) continue;
    const list = isEqual ? access.equal : access.range;
    if (!list.includes(side.name)) list.push(side.name);
  }
}

function noteOrder({ sort }: Level, known: ReadonlyMap<string, Access>, resolve: Resolve): void {
  const columns = sort.map((item) => ({ at: resolve(item.node), item }));
  const alias = columns[0]?.at?.alias;
  const access = known.get(alias ?? "");
  if (access === undefined || columns.some(({ at }) => at?.alias !== alias)) return;
  if (sort.some(({ sortby_nulls: nulls }) => nulls !== "SORTBY_NULLS_DEFAULT")) return;
  access.order = columns.map(({ at, item }) => ({
    name: at!.name,
    descending: item.sortby_dir === "SORTBY_DESC",
  }));
}

function listOf(value: unknown): SqlNode[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
