/** The conditions of policies as trees. @module */

import { parseStatement, type SqlNode } from "../../core/sqlSyntax.ts";
import type { Found } from "./rule.ts";

/** Policies of many tables read alike, and several rules look at each: a condition is parsed once. */
const trees = new Map<string, Promise<SqlNode | null>>();
const MOST_TREES = 2_000;

/** The parsed conditions of a policy; one that cannot be parsed is left out. */
export async function clausesOf({ details }: Found): Promise<SqlNode[]> {
  const nodes: SqlNode[] = [];
  for (const clause of Array.isArray(details.clauses) ? details.clauses : []) {
    const node = typeof clause === "string" ? await treeOf(clause) : null;
    if (node !== null) nodes.push(node);
  }
  return nodes;
}

function treeOf(clause: string): Promise<SqlNode | null> {
  const known = trees.get(clause);
  if (known !== undefined) return known;
  if (trees.size >= MOST_TREES) trees.clear();
  const parsed = parseStatement(`select ${clause}`).then((statement) => statement?.node ?? null);
  trees.set(clause, parsed);
  return parsed;
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
