/** The conditions of policies as trees. @module */

import { parseStatement, type SqlNode } from "../../core/sqlSyntax.ts";
import type { Found } from "./rule.ts";

const trees = new WeakMap<Found, Promise<SqlNode[]>>();

/** The parsed conditions of a policy; one that cannot be parsed is left out. */
export function clausesOf(found: Found): Promise<SqlNode[]> {
  const known = trees.get(found);
  if (known !== undefined) return known;
  const parsed = parse(found.details.clauses);
  trees.set(found, parsed);
  return parsed;
}

async function parse(clauses: unknown): Promise<SqlNode[]> {
  const nodes: SqlNode[] = [];
  for (const clause of Array.isArray(clauses) ? clauses : []) {
    if (typeof clause !== "string") continue;
    const parsed = await parseStatement(`select ${clause}`);
    if (parsed !== null) nodes.push(parsed.node);
  }
  return nodes;
}

/** Keeps the policies of which a condition is guilty. */
export async function guilty(found: readonly Found[], test: (clause: SqlNode) => boolean): Promise<Found[]> {
  const kept: Found[] = [];
  for (const one of found) {
    if ((await clausesOf(one)).some(test)) kept.push(one);
  }
  return kept;
}

/** The tree without its sub-selects: what is asked anew for every row. */
export function perRow(tree: unknown): unknown {
  if (Array.isArray(tree)) return tree.map(perRow);
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).filter(([key]) => key !== "SubLink").map(([key, value]) => [key, perRow(value)]),
  );
}
