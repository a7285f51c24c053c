/** What the nodes of a parsed statement say: lists, relations, types. @module */

import { namesIn, type SqlNode } from "../core/sqlSyntax.ts";
import { isRecord } from "../core/unknownValues.ts";

/** The items of a list of nodes. */
export function listOf(list: unknown): SqlNode[] {
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** The last name of a type. */
export function typeOf(column: SqlNode): string {
  const { names, arrayBounds } = (column.typeName ?? {}) as SqlNode;
  return `${namesIn(names).at(-1) ?? ""}${arrayBounds === undefined ? "" : "[]"}`;
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
