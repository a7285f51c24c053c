/**
 * Writes the TypeScript types of the database from its catalogue, in the shape that supabase-js takes.
 *
 * A check constraint that lists the values of a text column becomes a union of strings: `status` is then one of
 * its states and not any text. What PostgREST sends as JSON decides the rest: numbers for all numeric types,
 * strings for times.
 *
 * @module
 */

import type { Rows } from "./gate.ts";
import {
  type Column,
  COLUMNS_SQL,
  type Routine,
  type RoutineArgument,
  ROUTINES_SQL,
} from "./databaseTypes/queries.ts";
import { typeOf } from "./databaseTypes/typeNames.ts";

const HEAD = `/**
 * The types of the database, written by \`deno task gates types --write\` from what the migrations build.
 *
 * @module
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];
`;

/** The whole file. */
export async function generateDatabaseTypes(rows: Rows): Promise<string> {
  const columns = await rows<Column>(COLUMNS_SQL);
  const routines = await rows<Routine>(ROUTINES_SQL);
  const relations = Map.groupBy(columns, ({ relation }) => relation);
  const parts = [...relations.values()].map(relationTypes);
  return [HEAD, ...parts, databaseType(relations, routines)].join("\n");
}

function relationTypes(columns: Column[]): string {
  const { relation, comment, writable } = columns[0]!;
  const name = pascalCase(relation);
  const unions = columns.filter(({ labels }) => labels !== null).map((column) => unionType(name, column));
  const row = block(
    `A row of public.${relation}: ${comment ?? "no comment"}`,
    `${name}Row`,
    columns.map((column) => property(column, false, name)),
  );
  if (!writable) return [...unions, row].join("\n");
  const insertable = columns.filter(({ generated }) => !generated);
  const insert = block(
    `What an insert into public.${relation} takes.`,
    `${name}Insert`,
    insertable.map((column) => property(column, column.optional, name)),
  );
  return [...unions, row, insert].join("\n");
}

function unionType(owner: string, { relation, name, labels }: Column): string {
  const values = (labels ?? []).map((label) => JSON.stringify(label)).join(" | ");
  return `/** The values of public.${relation}.${name}. */\nexport type ${owner}${
    pascalCase(name)
  } = ${values};\n`;
}

function block(sentence: string, name: string, properties: string[]): string {
  return `/** ${sentence.replaceAll("*/", "* /")} */\nexport type ${name} = {\n${properties.join("")}};\n`;
}

function property(column: Column, optional: boolean, owner: string): string {
  const type = column.labels === null
    ? typeOf(column.type, column.category)
    : `${owner}${pascalCase(column.name)}`;
  const comment = column.description === null
    ? ""
    : `  /** ${column.description.replaceAll("*/", "* /")} */\n`;
  return `${comment}  ${keyOf(column.name)}${optional ? "?" : ""}: ${type}${
    column.nullable ? " | null" : ""
  };\n`;
}

function databaseType(relations: Map<string, Column[]>, routines: Routine[]): string {
  const writable = [...relations].filter(([, columns]) => columns[0]!.writable);
  const readable = [...relations].filter(([, columns]) => !columns[0]!.writable);
  const tables = writable.map(([name]) => {
    const type = pascalCase(name);
    return `      ${
      keyOf(name)
    }: { Row: ${type}Row; Insert: ${type}Insert; Update: Partial<${type}Insert>; Relationships: [] };\n`;
  });
  const views = readable.map(([name]) =>
    `      ${keyOf(name)}: { Row: ${pascalCase(name)}Row; Relationships: [] };\n`
  );
  const section = (name: string, lines: string[]) =>
    lines.length === 0 ? `    ${name}: Record<never, never>;\n` : `    ${name}: {\n${lines.join("")}    };\n`;
  return [
    "/** The database, as supabase-js wants it. */\nexport type Database = {\n  public: {\n",
    section("Tables", tables),
    section("Views", views),
    section("Functions", routines.map(routineType)),
    "    Enums: Record<never, never>;\n    CompositeTypes: Record<never, never>;\n  };\n};\n",
  ].join("");
}

function routineType({ name, comment, args, returns, category, returnsSet }: Routine): string {
  const properties = args.map(argumentType).join(" ");
  const result = `${typeOf(returns, category)}${returnsSet ? "[]" : ""}`;
  const sentence = comment === null ? "" : `      /** ${comment.replaceAll("*/", "* /")} */\n`;
  const shape = properties === "" ? "Record<PropertyKey, never>" : `{ ${properties} }`;
  return `${sentence}      ${keyOf(name)}: { Args: ${shape}; Returns: ${result} };\n`;
}

/** Any argument may be null: SQL knows no argument that may not. */
function argumentType({ name, type, category, optional }: RoutineArgument): string {
  return `${keyOf(name)}${optional ? "?" : ""}: ${typeOf(type, category)} | null;`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function pascalCase(name: string): string {
  return name.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
