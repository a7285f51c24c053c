/** What `set_view_invoker` does. @module */

import type { Json, SqlPort } from "../../core/ports.ts";
import { isRecord } from "../../core/unknownValues.ts";
import { GO, refused, sqlOf } from "../kind.ts";
import { asRole, PLATFORM_SCHEMA } from "../session.ts";
import type { FixSteps } from "../lazily.ts";
import type { SetViewInvoker } from "../setViewInvoker.ts";

interface View {
  identity: string;
  owner: string;
  options: string[] | null;
  hides: boolean;
  mine: boolean;
}

/** A view, and whether it reads a table with policies. */
const VIEW = `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as identity, pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
    c.reloptions as options, pg_catalog.pg_has_role(current_user, c.relowner, 'MEMBER') as mine,
    exists (select from pg_catalog.pg_rewrite r
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_catalog.pg_class'::regclass
      join pg_catalog.pg_class t on t.oid = d.refobjid and t.relrowsecurity where r.ev_class = c.oid) as hides
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'v' and n.nspname = $1 and c.relname = $2`;

const IS_ON = /^security_invoker=(on|true|yes|1)$/i;

/** What the kind does. */
export const setViewInvokerSteps: FixSteps<SetViewInvoker> = {
  async precondition(context, action) {
    const view = await viewOf(sqlOf(context), action);
    if (view === null) return refused(`there is no view ${action.view} outside of the platform's schemas`);
    if (!view.mine) {
      return refused(`the view belongs to ${view.owner}, whose rights this connection does not have`);
    }
    if (view.options?.some((option) => IS_ON.test(option))) {
      return { kind: "alreadyDone", reason: `the view ${action.view} looks at its caller already` };
    }
    return view.hides ? GO : refused(`no table behind ${action.view} has policies`);
  },
  async snapshot(context, action) {
    const view = await requireView(sqlOf(context), action);
    return { before: view.options?.find((option) => option.startsWith("security_invoker=")) ?? null };
  },
  async apply(context, action) {
    const sql = sqlOf(context);
    const { identity, owner } = await requireView(sql, action);
    await asRole(sql, owner, () => sql.query(`alter view ${identity} set (security_invoker = on)`));
  },
  async probe(context, action) {
    const view = await viewOf(sqlOf(context), action);
    const ok = view?.options?.some((option) => IS_ON.test(option)) ?? false;
    return {
      ok,
      measured: `the view ${action.view} ${ok ? "looks" : "does not look"} at its caller's rights`,
    };
  },
  async revert(context, action, rollbackPoint) {
    const sql = sqlOf(context);
    const { identity, owner } = await requireView(sql, action);
    const change = wasOff(rollbackPoint) ? "set (security_invoker = off)" : "reset (security_invoker)";
    await asRole(sql, owner, () => sql.query(`alter view ${identity} ${change}`));
  },
};

async function viewOf(sql: SqlPort, { view }: SetViewInvoker): Promise<View | null> {
  const [schemaName, name] = view.split(".") as [string, string];
  if (PLATFORM_SCHEMA.test(schemaName)) return null;
  const [found] = await sql.query<View>(VIEW, [schemaName, name]);
  return found ?? null;
}

async function requireView(sql: SqlPort, action: SetViewInvoker): Promise<View> {
  const view = await viewOf(sql, action);
  if (view === null) throw new Error(`there is no view ${action.view}`);
  return view;
}

function wasOff(rollbackPoint: Json): boolean {
  return isRecord(rollbackPoint) && typeof rollbackPoint.before === "string";
}
