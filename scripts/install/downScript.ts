/**
 * The SQL that takes everything of ours out of a database: one transaction, which judges itself before it ends.
 *
 * What is dropped takes along what hangs on it, and then all that is not ours is compared with what was there before:
 * when anything of the project's went along, the whole is taken back and says what.
 *
 * @module
 */

import { footprintSql, textArray } from "./footprint.ts";
import type { Manifest } from "./manifest.ts";

/** What becomes of the rows. */
export type DataChoice = "keep" | "drop";

type Contents = Pick<Manifest, "objects" | "jobs" | "migrations">;

/** The whole script; its last result tells what of ours is left, by kind. */
export function downScript(contents: Contents, data: DataChoice): string {
  const versions = Object.values(contents.migrations).map((file) => file.slice(0, file.indexOf("_")));
  return `-- Takes the self-healing backend out of this database and ${data}s its rows.
-- Run it whole, as the role postgres. It is one transaction: when anything but ours would change, nothing does.
-- It can be run twice. Locks: the tables of ours, for a moment. Undo: install again and push.
begin;
set local search_path = '';
set local statement_timeout = 0;
set local lock_timeout = '30s';
drop event trigger if exists track_schema_change;
drop event trigger if exists track_schema_drop;
${footprintSql(contents)}
create temporary table healing_before on commit drop as
select object, line from pg_temp.healing_footprint where not is_ours;

${unschedule(contents)}
${dropPolicy()}
${data === "drop" ? dropAll(contents) : dropAllButRows(contents)}
${forgetMigrations(versions)}
${judge(data)}
select split_part(object, ' ', 1) as kind, count(distinct object)::int as count
from pg_temp.healing_after where is_ours and object !~ '^relation ' group by 1 order by 1;
drop view pg_temp.healing_footprint;
drop function pg_temp.healing_jobs();
commit;
`;
}

function unschedule({ jobs }: Contents): string {
  return `do $$
declare
  v_name text;
begin
  if to_regclass('cron.job') is null then
    return;
  end if;
  for v_name in execute 'select jobname from cron.job where jobname = any ($1) or jobname ~ $2'
    using ${textArray(jobs)}, '^heal_[a-z_]+_[0-9a-f]{20}$' loop
    execute 'select cron.unschedule($1)' using v_name;
  end loop;
end;
$$;`;
}

// Only its owner may even ask for it, and where the migration was not allowed to make it there is none.
function dropPolicy(): string {
  return `do $$
begin
  if exists (select from pg_catalog.pg_policy
    where polname = 'healing_admins_receive' and polrelid = to_regclass('realtime.messages')) then
    drop policy healing_admins_receive on realtime.messages;
  end if;
end;
$$;`;
}

function named(objects: readonly string[], kind: string): string[] {
  const start = `${kind} public.`;
  return objects.filter((one) => one.startsWith(start)).map((one) => one.slice(kind.length + 1));
}

function dropList(kind: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `drop ${kind} if exists\n  ${names.join(",\n  ")} cascade;`;
}

function dropAll({ objects }: Contents): string {
  return [
    ...["view", "materialized view", "table", "sequence", "function", "type"]
      .map((kind) => dropList(kind, named(objects, kind))),
    "drop schema if exists healing_sandbox, healing_private cascade;",
  ].filter((sql) => sql !== "").join("\n");
}

function dropAllButRows({ objects }: Contents): string {
  return `${dropList("view", named(objects, "view"))}
drop schema if exists healing_sandbox cascade;
${closeTables(objects)}
${dropFunctions(objects)}`;
}

function closeTables(objects: readonly string[]): string {
  const from = "pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace";
  const isOurs = `(n.nspname = 'healing_private'
      or 'table ' || format('%I.%I', n.nspname, c.relname) = any (${textArray(objects)}))`;
  return `do $$
declare
  v_one record;
begin
  for v_one in select c.oid::regclass as relation, polname from pg_catalog.pg_policy p
    join ${from} on c.oid = p.polrelid where ${isOurs} loop
    execute format('drop policy %I on %s', v_one.polname, v_one.relation);
  end loop;
  for v_one in select c.oid::regclass as relation, tgname from pg_catalog.pg_trigger t
    join ${from} on c.oid = t.tgrelid join pg_catalog.pg_proc f on f.oid = t.tgfoid
    where ${isOurs} and not tgisinternal and tgparentid = 0
      and 'function ' || f.oid::regprocedure::text = any (${textArray(objects)}) loop
    execute format('drop trigger %I on %s', v_one.tgname, v_one.relation);
  end loop;
  for v_one in select c.oid::regclass as relation from ${from} where ${isOurs} and c.relkind in ('r', 'p') loop
    execute format('revoke all on %s from public, anon, authenticated', v_one.relation);
  end loop;
end;
$$;`;
}

// One after the other, as often as one more can go: what a default or a constraint of a kept table calls stays with it.
function dropFunctions(objects: readonly string[]): string {
  return `do $$
declare
  v_one record;
  v_dropped int;
begin
  loop
    v_dropped := 0;
    for v_one in select f.oid::regprocedure as routine from pg_catalog.pg_proc f
      join pg_catalog.pg_namespace n on n.oid = f.pronamespace
      where n.nspname = 'healing_private'
        or 'function ' || f.oid::regprocedure::text = any (${textArray(objects)}) loop
      begin
        execute format('drop function %s', v_one.routine);
        v_dropped := v_dropped + 1;
      exception when dependent_objects_still_exist then
        null;
      end;
    end loop;
    exit when v_dropped = 0;
  end loop;
end;
$$;`;
}

function forgetMigrations(versions: readonly string[]): string {
  return `do $$
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    execute 'delete from supabase_migrations.schema_migrations where version = any ($1)'
      using ${textArray(versions)};
  end if;
end;
$$;`;
}

function judge(data: DataChoice): string {
  const mayStay = data === "drop" ? "" : `
    and object !~ '^(relation|table|sequence|type) ' and object <> 'schema healing_private'
    and not (object ~ '^function ' and not exists (
      select from pg_catalog.pg_depend d where d.refclassid = 'pg_catalog.pg_proc'::regclass
        and d.refobjid = to_regprocedure(substr(object, 10))::oid
        and d.classid not in ('pg_catalog.pg_attrdef'::regclass, 'pg_catalog.pg_constraint'::regclass)))`;
  return `create temporary table healing_after on commit drop as select * from pg_temp.healing_footprint;
do $$
declare
  v_changed text;
begin
  select string_agg(distinct object, ', ') into v_changed from (
    (select object, line from pg_temp.healing_before
      except all select object, line from pg_temp.healing_after where not is_ours)
    union all
    (select object, line from pg_temp.healing_after where not is_ours
      except all select object, line from pg_temp.healing_before)
  ) as changed;
  if v_changed is not null then
    raise exception using errcode = '2BP01', message = 'of yours this would change: ' || left(v_changed, 500),
      hint = 'Something of yours hangs on what would go. Change or drop it first, and run this again.';
  end if;
  select string_agg(distinct object, ', ') into v_changed from pg_temp.healing_after where is_ours${mayStay};
  if v_changed is not null then
    raise exception using errcode = '2BP01', message = 'of ours this would leave: ' || left(v_changed, 500),
      hint = 'Something of yours uses it. Change that first, and run this again.';
  end if;
end;
$$;`;
}
