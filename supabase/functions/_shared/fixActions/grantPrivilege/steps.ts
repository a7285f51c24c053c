/** What `grant_privilege` does. @module */

import type { SqlPort } from "../../core/ports.ts";
import { z } from "../../core/validation.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import { asRole, PLATFORM_SCHEMA } from "../session.ts";
import type { FixSteps } from "../lazily.ts";
import type { GrantPrivilege } from "../grantPrivilege.ts";

/** What `service_role` needs of each kind of object. */
const NEEDED: Readonly<Record<GrantPrivilege["on"], readonly string[]>> = {
  schema: ["USAGE"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE"],
  sequence: ["USAGE"],
  function: ["EXECUTE"],
};

/** One object that a right can be on. */
interface Target {
  oid: string;
  schema: string;
  /** As it stands in a statement. */
  identity: string;
  owner: string;
}

const FIND: Readonly<Record<GrantPrivilege["on"], string>> = {
  schema:
    `select n.oid::text as oid, n.nspname::text as schema, pg_catalog.quote_ident(n.nspname) as identity,
      pg_catalog.pg_get_userbyid(n.nspowner)::text as owner
    from pg_catalog.pg_namespace n where n.nspname = $2 and $1::text is null`,
  table: relation("'r', 'p', 'v', 'm', 'f'"),
  sequence: relation("'S'"),
  function: `select f.oid::text as oid, n.nspname::text as schema,
      pg_catalog.format('%I.%I(%s)', n.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid)) as identity,
      pg_catalog.pg_get_userbyid(f.proowner)::text as owner
    from pg_catalog.pg_proc f join pg_catalog.pg_namespace n on n.oid = f.pronamespace
    where f.prokind = 'f' and f.proname = $2 and ($1::text is null or n.nspname = $1)`,
};

function relation(kinds: string): string {
  return `select c.oid::text as oid, n.nspname::text as schema, pg_catalog.format('%I.%I', n.nspname, c.relname) as identity,
      pg_catalog.pg_get_userbyid(c.relowner)::text as owner
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in (${kinds}) and c.relname = $2 and ($1::text is null or n.nspname = $1)`;
}

/** What the kind does. */
export const grantPrivilegeSteps: FixSteps<GrantPrivilege> = {
  async precondition(context, action) {
    const found = await lacking(sqlOf(context), action);
    return typeof found === "string" ? refused(found) : GO;
  },
  async snapshot(context, action) {
    const { target, privileges } = await requireLacking(sqlOf(context), action);
    return { identity: target.identity, owner: target.owner, privileges };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const { target, privileges } = await requireLacking(sql, action);
    await asRole(
      sql,
      target.owner,
      () => sql.query(`grant ${privileges.join(", ")} on ${action.on} ${target.identity} to ${action.to}`),
    );
  },
  async probe(context, action) {
    const sql = sqlOf(context);
    const target = await targetOf(sql, action);
    const missing = typeof target === "string" ? NEEDED[action.on] : await missingOf(sql, action, target);
    const left = action.to === "service_role"
      ? missing
      : missing.filter((right) => NEEDED[action.on][0] === right);
    return {
      ok: left.length === 0,
      measured: left.length === 0
        ? `${action.to} has its rights on ${action.on} ${action.name}, and nobody else has got any`
        : `${action.to} still lacks ${left.join(", ")} on ${action.on} ${action.name}`,
    };
  },
  async revert(context, action, rollbackPoint) {
    const sql = sqlOf(context);
    const { identity, owner, privileges } = saved.parse(rollbackPoint);
    await asRole(
      sql,
      owner,
      () => sql.query(`revoke ${privileges.join(", ")} on ${action.on} ${identity} from ${action.to}`),
    );
  },
};

interface Lacking {
  target: Target;
  privileges: string[];
}

async function requireLacking(sql: SqlPort, action: GrantPrivilege): Promise<Lacking> {
  const found = await lacking(sql, action);
  if (typeof found === "string") throw new Error(found);
  return found;
}

/** The rights to give, or why none is given. */
async function lacking(sql: SqlPort, action: GrantPrivilege): Promise<Lacking | string> {
  const target = await targetOf(sql, action);
  if (typeof target === "string") return target;
  const privileges = await missingOf(sql, action, target);
  if (privileges.length === 0) {
    return `${action.to} has all it needs on ${action.on} ${action.name}; it was another role that was refused`;
  }
  if (action.to === "service_role") return { target, privileges };
  const lost = await lostByAuthenticated(sql, action.on, target);
  if (typeof lost === "string") return lost;
  const given = privileges.filter((right) => lost.includes(right));
  return given.length > 0
    ? { target, privileges: given }
    : `nothing shows that authenticated ever had rights on ${action.on} ${action.name}`;
}

async function targetOf(sql: SqlPort, { on, name }: GrantPrivilege): Promise<Target | string> {
  const dot = name.indexOf(".");
  const parts = dot < 0 || on === "schema" ? [null, name] : [name.slice(0, dot), name.slice(dot + 1)];
  const all = await sql.query<Target>(FIND[on], parts);
  const found = all.filter((target) => !PLATFORM_SCHEMA.test(target.schema));
  const [target] = found;
  if (target === undefined && all.length > 0) {
    return `${on} ${name} is the platform's own, and nobody gets rights on it`;
  }
  if (target === undefined) return `there is no ${on} ${name} outside of the platform's schemas`;
  if (found.length > 1) return `${found.length} of the name ${name} exist; the error does not say which`;
  const [may] = await sql.query<{ ok: boolean }>(
    "select pg_catalog.pg_has_role(current_user, $1, 'MEMBER') as ok",
    [target.owner],
  );
  return may!.ok
    ? target
    : `${on} ${name} belongs to ${target.owner}, whose rights this connection does not have`;
}

async function missingOf(sql: SqlPort, { on, to }: GrantPrivilege, { oid }: Target): Promise<string[]> {
  const rows = await sql.query<{ right: string }>(
    `select r as right from unnest($3::text[]) r where not pg_catalog.has_${on}_privilege($1, $2::oid, r)`,
    [to, oid, NEEDED[on]],
  );
  return rows.map(({ right }) => right);
}

/** What the owner's default privileges give `authenticated` on such an object, where the object guards its rows. */
async function lostByAuthenticated(
  sql: SqlPort,
  on: GrantPrivilege["on"],
  target: Target,
): Promise<string[] | string> {
  if (on === "schema" || on === "function") {
    return `whether authenticated may use a ${on} is for a person to say: nothing shows that it was lost`;
  }
  const guard = on === "table" ? await tableObjection(sql, target) : await sequenceObjection(sql, target);
  if (guard !== null) return guard;
  const rows = await sql.query<{ right: string }>(
    `select a.privilege_type::text as right from pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) a
     where pg_catalog.pg_get_userbyid(d.defaclrole) = $1 and d.defaclobjtype = $2
       and (d.defaclnamespace = 0 or d.defaclnamespace = (select oid from pg_catalog.pg_namespace where nspname = $3))
       and pg_catalog.pg_get_userbyid(a.grantee) = 'authenticated'`,
    [target.owner, on === "table" ? "r" : "S", target.schema],
  );
  return rows.map(({ right }) => right);
}

async function tableObjection(sql: SqlPort, { oid }: Target): Promise<string | null> {
  const [row] = await sql.query<{ guarded: boolean }>(
    `select c.relrowsecurity and c.relkind in ('r', 'p') and exists (select from pg_catalog.pg_policy p where p.polrelid = c.oid
       and (p.polroles = '{0}' or 'authenticated'::regrole = any(p.polroles))) as guarded
     from pg_catalog.pg_class c where c.oid = $1::oid`,
    [oid],
  );
  return row!.guarded ? null : "no policy of the table says which rows authenticated may see";
}

/** A number of a sequence is of use only to a role that may insert the row that it is for. */
async function sequenceObjection(sql: SqlPort, { oid }: Target): Promise<string | null> {
  const [row] = await sql.query<{ inserts: boolean }>(
    `select pg_catalog.has_table_privilege('authenticated', d.refobjid, 'INSERT') as inserts from pg_catalog.pg_depend d
     where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = $1::oid and d.refclassid = d.classid
       and d.refobjsubid > 0 and d.deptype in ('a', 'i')`,
    [oid],
  );
  if (row === undefined) return "the sequence belongs to no column; what it counts is for a person to say";
  return row.inserts ? null : "authenticated may not insert into the table of the sequence";
}

const saved = z.object({
  identity: z.string(),
  owner: z.string(),
  privileges: z.array(z.enum(["USAGE", "SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE"])),
});
