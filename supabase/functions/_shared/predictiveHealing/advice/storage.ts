/** Public buckets whose list of files anybody can read. @module */

import { eachNode, type SqlNode } from "../../core/sqlSyntax.ts";
import type { SqlPort } from "../../core/ports.ts";
import { textConstant } from "../scripts.ts";
import { clausesOf } from "./clauses.ts";
import { type AdviceRule, detail, type Found } from "./rule.ts";

const READING = `
  select pg_catalog.quote_ident(p.polname) as object, pg_catalog.jsonb_build_object('clauses',
    pg_catalog.jsonb_build_array(pg_catalog.pg_get_expr(p.polqual, p.polrelid))) as details
  from pg_catalog.pg_policy as p
  where p.polrelid = pg_catalog.to_regclass('storage.objects') and p.polpermissive and p.polcmd in ('r', '*')
    and exists (select from unnest(p.polroles) as who left join pg_catalog.pg_roles as o on o.oid = who
      where who = 0 or o.rolname in ('anon', 'authenticated'))`;

/** The bucket that a condition is about, when it asks for nothing else; `*` for a condition that asks for nothing. */
function wholeBucket(clause: SqlNode): string | null {
  let name: string | null = null;
  let parts = 0;
  eachNode(clause, "A_Expr", ({ lexpr, rexpr }) => {
    parts++;
    name = textConstant(rexpr) ?? textConstant(lexpr);
  });
  let others = 0;
  for (const kind of ["FuncCall", "SubLink", "BoolExpr"]) eachNode(clause, kind, () => others++);
  if (others > 0 || parts > 1) return null;
  return parts === 0 ? "*" : name;
}

async function listed(buckets: readonly Found[], db: SqlPort): Promise<Found[]> {
  if (buckets.length === 0) return [];
  const by = new Map<string, string>();
  for (const policy of await db.query<Found>(READING)) {
    for (const clause of await clausesOf(policy)) {
      const name = wholeBucket(clause);
      if (name !== null) by.set(name, policy.object);
    }
  }
  return buckets.flatMap((bucket) => {
    const policy = by.get(detail(bucket, "id")) ?? by.get("*");
    return policy === undefined ? [] : [{ ...bucket, details: { ...bucket.details, policy } }];
  });
}

/** The rule. */
export const bucketListing: AdviceRule = {
  code: "public_bucket_listing",
  severity: "medium",
  sql:
    `select pg_catalog.format('bucket %I', b.id) as object, pg_catalog.jsonb_build_object('id', b.id) as details
    from storage.buckets as b where b.public`,
  stillWrong:
    "exists (select from pg_catalog.pg_policy as p where p.polrelid = 'storage.objects'::regclass and p.polcmd in ('r', '*') " +
    "and pg_catalog.strpos(pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.quote_literal(details ->> 'id')) > 0)",
  judge: listed,
  say: (found) => ({
    message: `${found.object} is public, and the policy ${
      detail(found, "policy")
    } lets everybody list all of its files, not only fetch those that they know`,
    advice: "a public bucket needs no policy for reading; take it away, or limit it to a person's own folder",
  }),
};
