/** Secrets: names only, never a value. @module */

import { eachNode, type SqlNode } from "../../core/sqlSyntax.ts";
import type { Need } from "../need.ts";
import { relationOf } from "../nodes.ts";
import { placeIn, textConstant } from "../scripts.ts";
import type { ProjectRead } from "./context.ts";
import { columnOf } from "./storage.ts";

/** The needs for secrets of functions and of the vault. */
export function secretNeeds(project: ProjectRead): Need[] {
  const ofFunctions = project.code.flatMap(({ secrets }) => secrets).map((
    { name, optional, place },
  ): Need => ({
    subject: { kind: "secret", name, from: "environment", optional },
    place,
    why: optional
      ? `the code reads ${name}, and does without it`
      : `the code reads ${name} and has nothing in its place`,
    satisfy: `supabase secrets set ${name}=…, and a line in the file of secrets for local work`,
    certainty: "sure",
  }));
  // One place that cannot do without it is enough.
  ofFunctions.sort((a, b) => Number(isOptional(a)) - Number(isOptional(b)));
  return [...ofFunctions, ...vaultNeeds(project)];
}

function isOptional({ subject }: Need): boolean {
  return subject.kind === "secret" && subject.optional;
}

function vaultNeeds({ statements }: ProjectRead): Need[] {
  const made = new Map<string, Need["place"]>();
  const needs: Need[] = [];
  for (const statement of statements) {
    eachNode(statement.node, "FuncCall", (node) => {
      const [, name] = (node.args ?? []) as unknown[];
      const text = JSON.stringify(node.funcname).includes('"create_secret"') ? textConstant(name) : null;
      if (text !== null) made.set(text, statement.place);
    });
    eachNode({ [statement.kind]: statement.node }, "SelectStmt", (node) => {
      for (const name of vaultNamesIn(node)) {
        const madeAt = made.get(name);
        needs.push({
          subject: { kind: "secret", name, from: "vault", optional: false },
          place: placeIn(statement, null),
          why: `the statement reads the secret ${name} from the vault`,
          satisfy: `select vault.create_secret(…, '${
            name.replaceAll("'", "''")
          }'), by hand and not in a migration`,
          ...(madeAt === undefined ? {} : { madeAt }),
          certainty: "sure",
        });
      }
    });
  }
  return needs;
}

function vaultNamesIn(select: SqlNode): string[] {
  const reads = ((select.fromClause ?? []) as SqlNode[]).some(({ RangeVar }) =>
    RangeVar !== undefined && relationOf(RangeVar).schema === "vault"
  );
  const names: string[] = [];
  if (!reads) return names;
  eachNode(select.whereClause, "A_Expr", ({ lexpr, rexpr }) => {
    const text = textConstant(rexpr) ?? textConstant(lexpr);
    if (text !== null && [lexpr, rexpr].some((side) => columnOf(side) === "name")) names.push(text);
  });
  return names;
}
