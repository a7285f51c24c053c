/**
 * Fails when who may do what depends on the age of the project.
 *
 * Older projects grant every new object of `public` to anon, authenticated and service_role by themselves; newer
 * ones grant nothing. The same migrations must end with the same rights in both, which holds only when each
 * object is revoked from everyone before it is granted to someone.
 *
 * @module
 */

import { OUR_FUNCTIONS, OUR_SCHEMAS } from "../lib/catalogue.ts";
import type { Gate, Rows } from "../lib/gate.ts";

/** The gate. */
export const grantsGate: Gate = {
  name: "grants",
  run: async (context) =>
    compareGrants(await readGrants(context.rows), await readGrants(context.generousRows)),
};

/** Who may do what with our tables, views, sequences and functions, one line for each right. */
export async function readGrants(rows: Rows): Promise<string[]> {
  const found = await rows<{ line: string }>(`
    select format('%s %s of %s %I.%I', coalesce(r.rolname, 'everyone'), lower(privilege_type),
      case c.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, n.nspname, c.relname) as line
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral aclexplode(c.relacl) left join pg_roles r on r.oid = grantee
    where ${OUR_SCHEMAS} and grantee <> c.relowner and privilege_type <> 'MAINTAIN'
    union
    select format('%s %s of function %s', coalesce(r.rolname, 'everyone'), lower(privilege_type), f.regprocedure)
    from ${OUR_FUNCTIONS}
    cross join lateral aclexplode(coalesce(f.proacl, acldefault('f', f.proowner)))
    left join pg_roles r on r.oid = grantee
    where grantee <> f.proowner
    order by 1`);
  return found.map(({ line }) => line);
}

function compareGrants(strict: string[], generous: string[]): string[] {
  const known = new Set(strict);
  return generous.filter((line) => !known.has(line)).map((line) => {
    const [role = "", right = "", , ...object] = line.split(" ");
    return `${
      object.join(" ")
    }: an older project gives ${role} ${right} on it by itself: revoke all on it from public, anon, authenticated, service_role before granting`;
  });
}
