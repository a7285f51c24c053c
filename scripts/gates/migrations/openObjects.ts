/** Finds what the migrations left open: read from the catalogue, where nothing can hide. @module */

import { OUR_FUNCTIONS, OUR_TABLES } from "../../lib/catalogue.ts";
import type { Rows } from "../../lib/gate.ts";

const FINDINGS = [
  {
    sentence:
      "has no set search_path = '': whoever creates a function of the same name could be called instead",
    sql:
      `select regprocedure as object from ${OUR_FUNCTIONS} where not coalesce(proconfig, '{}') && array['search_path=""', 'search_path=']`,
  },
  {
    sentence: "can be executed by everyone: revoke all on function … from public, anon, authenticated",
    sql: `select regprocedure as object from ${OUR_FUNCTIONS}
      where exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0)`,
  },
  {
    sentence: "has no row level security: alter table … enable row level security",
    sql: `select regclass as object from ${OUR_TABLES} where not relrowsecurity`,
  },
  {
    // A partition is reached through its parent; nobody is granted anything on the partition itself.
    sentence: "has row level security but no policy: say who may see it",
    sql: `select regclass as object from ${OUR_TABLES}
      where not relispartition and not exists (select from pg_policy where polrelid = t.oid)`,
  },
  {
    sentence: "is granted to everyone: grant to a role, and let a policy decide",
    sql: `select regclass as object from ${OUR_TABLES}
      where exists (select from aclexplode(coalesce(relacl, acldefault('r', relowner))) where grantee = 0)`,
  },
  {
    sentence:
      "is a partition with grants of its own, which go around the policies of its parent: revoke them",
    sql: `select regclass as object from ${OUR_TABLES}
      where relispartition and exists (select from aclexplode(relacl) where grantee <> relowner)`,
  },
] as const;

/** One sentence for each object that is open. */
export async function findOpenObjects(rows: Rows): Promise<string[]> {
  const problems: string[] = [];
  for (const { sentence, sql } of FINDINGS) {
    const found = await rows<{ object: string }>(`${sql} order by 1`);
    problems.push(...found.map(({ object }) => `${object} ${sentence}`));
  }
  return problems;
}
