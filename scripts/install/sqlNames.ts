/** The names that the migrations of a project take in its database, read from their statements in order. @module */

import {
  eachNode,
  namesIn,
  parseSql,
  type SqlNode,
} from "../../supabase/functions/_shared/core/sqlSyntax.ts";
import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";

/** A migration of the project. */
export interface ProjectMigration {
  path: string;
  sql: string;
}

/** What a name belongs to; relations are tables, views, indexes, sequences and types, which share their names. */
export type NameKind = "relation" | "function" | "schema" | "event trigger" | "job";

/** One name that a migration takes. */
export interface TakenName {
  kind: NameKind;
  /** With its schema, `public` where none is written. */
  name: string;
  path: string;
  line: number;
}

/** All names that are taken when every file has run; a statement that cannot be read is left out. */
export async function namesTaken(files: readonly ProjectMigration[]): Promise<TakenName[]> {
  const taken = new Map<string, TakenName>();
  for (const { path, sql } of files) {
    for (const { text, line } of splitStatements(sql)) {
      const parsed = await parseSql(text);
      for (const { kind, node } of parsed.ok ? parsed.statements : []) {
        for (const name of madeBy(kind, node)) taken.set(keyOf(name), { ...name, path, line });
        for (const name of freedBy(kind, node)) taken.delete(keyOf(name));
      }
    }
  }
  return [...taken.values()];
}

type Name = Pick<TakenName, "kind" | "name">;

function keyOf({ kind, name }: Name): string {
  return `${kind} ${name}`;
}

function relation(node: unknown): Name[] {
  if (!isRecord(node) || typeof node.relname !== "string" || node.relpersistence === "t") return [];
  return [{ kind: "relation", name: `${node.schemaname ?? "public"}.${node.relname}` }];
}

function named(kind: NameKind, names: readonly string[]): Name {
  return { kind, name: names.length > 1 ? names.slice(-2).join(".") : `public.${names[0]}` };
}

/** An index is in the schema of its table. */
function index({ idxname, relation: table }: SqlNode): Name[] {
  if (typeof idxname !== "string" || !isRecord(table)) return [];
  return relation({ ...table, relname: idxname });
}

function part(node: SqlNode, key: string): SqlNode {
  const value = node[key];
  return isRecord(value) ? value : {};
}

const MAKERS: { [kind: string]: (node: SqlNode) => Name[] } = {
  CreateStmt: (node) => relation(node.relation),
  CreateTableAsStmt: (node) => relation(part(node, "into").rel),
  CreateForeignTableStmt: (node) => relation(part(node, "base").relation),
  ViewStmt: (node) => relation(node.view),
  CreateSeqStmt: (node) => relation(node.sequence),
  CompositeTypeStmt: (node) => relation(node.typevar),
  IndexStmt: index,
  CreateEnumStmt: (node) => [named("relation", namesIn(node.typeName))],
  CreateDomainStmt: (node) => [named("relation", namesIn(node.domainname))],
  CreateFunctionStmt: (node) => [named("function", namesIn(node.funcname))],
  CreateSchemaStmt: (node) => [{ kind: "schema", name: String(node.schemaname) }],
  CreateEventTrigStmt: (node) => [{ kind: "event trigger", name: String(node.trigname) }],
  SelectStmt: (node) => jobsIn(node, "schedule"),
};

function madeBy(kind: string, node: SqlNode): Name[] {
  if (kind === "RenameStmt") return renamed(node).made;
  return MAKERS[kind]?.(node) ?? [];
}

function freedBy(kind: string, node: SqlNode): Name[] {
  if (kind === "RenameStmt") return renamed(node).freed;
  if (kind === "SelectStmt") return jobsIn(node, "unschedule");
  return kind === "DropStmt" ? dropped(node) : [];
}

const DROPPED: { [type: string]: NameKind } = {
  OBJECT_TABLE: "relation",
  OBJECT_VIEW: "relation",
  OBJECT_MATVIEW: "relation",
  OBJECT_INDEX: "relation",
  OBJECT_SEQUENCE: "relation",
  OBJECT_TYPE: "relation",
  OBJECT_DOMAIN: "relation",
  OBJECT_FUNCTION: "function",
  OBJECT_ROUTINE: "function",
};

function dropped({ removeType, objects }: SqlNode): Name[] {
  const kind = DROPPED[String(removeType)];
  const list = Array.isArray(objects) ? objects.filter(isRecord) : [];
  if (removeType === "OBJECT_SCHEMA") {
    return list.map((object) => ({ kind: "schema", name: String(part(object, "String").sval) }));
  }
  if (kind === undefined) return [];
  return list.map((object) => {
    const holder = isRecord(object.List) ? object.List.items : undefined;
    const names = holder ?? part(object, "ObjectWithArgs").objname ?? part(object, "TypeName").names;
    return named(kind, namesIn(names));
  });
}

function renamed({ renameType, relation: from, newname }: SqlNode): { freed: Name[]; made: Name[] } {
  if (!/^OBJECT_(TABLE|VIEW|MATVIEW|INDEX|SEQUENCE)$/.test(String(renameType)) || !isRecord(from)) {
    return { freed: [], made: [] };
  }
  return { freed: relation(from), made: relation({ ...from, relname: newname }) };
}

/** `cron.schedule('name', …)` and its reverse. */
function jobsIn(node: SqlNode, verb: string): Name[] {
  const jobs: Name[] = [];
  eachNode(node, "FuncCall", ({ funcname, args }) => {
    if (namesIn(funcname).join(".") !== `cron.${verb}` || !Array.isArray(args)) return;
    const constant = part(args[0] as SqlNode, "A_Const");
    const text = part(constant, "sval").sval;
    if (typeof text === "string") jobs.push({ kind: "job", name: text });
  });
  return jobs;
}
