/** Buckets: those that the code opens, and those that policies of the storage speak of. @module */

import { eachNode, namesIn, type SqlNode } from "../../core/sqlSyntax.ts";
import type { Need } from "../need.ts";
import { relationOf } from "../nodes.ts";
import { placeIn, textConstant } from "../scripts.ts";
import type { ProjectRead } from "./context.ts";

/** The needs for buckets. */
export function bucketNeeds({ statements, model, code }: ProjectRead): Need[] {
  const made = new Map(
    code.flatMap(({ bucketsMade }) => bucketsMade).map(({ name, place }) => [name, place]),
  );
  const need = (name: string, place: Need["place"], why: string): Need => {
    const madeAt = model.buckets.get(name)?.place ?? made.get(name);
    return {
      subject: { kind: "bucket", name },
      place,
      why,
      satisfy: `a bucket ${name}, private unless everybody shall read its files`,
      ...(madeAt === undefined ? {} : { madeAt }),
      certainty: "sure",
    };
  };
  const opened = code.flatMap(({ buckets }) => buckets).map(({ name, place }) =>
    need(name, place, `the code reads or writes files in the bucket ${name}`)
  );
  const spokenOf = statements.filter(({ kind, node }) =>
    kind === "CreatePolicyStmt" && relationOf(node.table).schema === "storage"
  ).flatMap((statement) =>
    bucketsIn(statement.node).map(({ name, node }) =>
      need(name, placeIn(statement, node), `a policy of the storage is about the bucket ${name}`)
    )
  );
  return [...opened, ...spokenOf];
}

/** `bucket_id = 'x'`. */
function bucketsIn(tree: SqlNode): { name: string; node: SqlNode }[] {
  const found: { name: string; node: SqlNode }[] = [];
  eachNode(tree, "A_Expr", (node) => {
    const sides = [node.lexpr, node.rexpr];
    const isBucket = sides.some((side) => columnOf(side) === "bucket_id");
    const name = sides.map(textConstant).find((text) => text !== null);
    if (isBucket && namesIn(node.name)[0] === "=" && name) found.push({ name, node });
  });
  return found;
}

/** The column that an expression is; null when it is none. */
export function columnOf(node: unknown): string | null {
  const { ColumnRef, TypeCast } = (node ?? {}) as { ColumnRef?: SqlNode; TypeCast?: { arg: unknown } };
  if (TypeCast !== undefined) return columnOf(TypeCast.arg);
  return ColumnRef === undefined ? null : namesIn(ColumnRef.fields).at(-1) ?? null;
}
