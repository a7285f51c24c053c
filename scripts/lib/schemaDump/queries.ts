/**
 * The queries of the schema dump. Each row is one line: `object` is the heading of its block, `rank` and `place`
 * its position in the block.
 *
 * @module
 */

import { OUR_FUNCTIONS, OUR_SCHEMAS } from "../catalogue.ts";
import { relationLines } from "./relations.ts";
import { grantLines } from "./grantLines.ts";

const SCHEMAS = `(
  select n.oid, n.nspowner, n.nspacl, 'schema ' || quote_ident(nspname) as object
  -- public is the platform's: its comment and its grants are none of our doing.
  from pg_namespace n where ${OUR_SCHEMAS} and nspname <> 'public'
) as o`;

const SCHEMA_LINES = `
  select object, 1 as rank, 0 as place, 'comment ' || obj_description(oid, 'pg_namespace') as line from ${SCHEMAS}
  union all ${grantLines(SCHEMAS, "nspacl", "nspowner")}`;

const FUNCTIONS = `(
  select f.*, format('function %s', regprocedure) as object,
    coalesce(proacl, acldefault('f', proowner)) as acl
  from ${OUR_FUNCTIONS}
) as o`;

const FUNCTION_LINES = `
  select object, 1 as rank, 0 as place, 'comment ' || obj_description(oid, 'pg_proc') as line from ${FUNCTIONS}
  union all
  select object, 2, 0, 'arguments ' || nullif(pg_get_function_arguments(oid), '') from ${FUNCTIONS}
  union all
  select object, 3, 0, concat_ws(', ', 'returns ' || pg_get_function_result(oid),
      'language ' || (select lanname from pg_language l where l.oid = prolang),
      case provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
      case when prosecdef then 'security definer' else 'security invoker' end,
      case when proisstrict then 'strict' end,
      case proparallel when 's' then 'parallel safe' when 'r' then 'parallel restricted' end,
      'set ' || array_to_string(proconfig, ', set '))
    from ${FUNCTIONS}
  union all
  select object, 4, 0, 'body ' || md5(prosrc) from ${FUNCTIONS}
  union all ${grantLines(FUNCTIONS, "acl", "proowner")}`;

const SEQUENCES = `(
  select c.oid, c.relowner, c.relacl, s.*, format('sequence %I.%I', n.nspname, c.relname) as object
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_sequence s on s.seqrelid = c.oid
  where ${OUR_SCHEMAS} and c.relkind = 'S'
) as o`;

const SEQUENCE_LINES = `
  select object, 1 as rank, 0 as place, 'comment ' || obj_description(oid, 'pg_class') as line from ${SEQUENCES}
  union all
  select object, 2, 0, format('%s from %s to %s, start %s, step %s%s', format_type(seqtypid, null), seqmin, seqmax,
      seqstart, seqincrement, case when seqcycle then ', cycle' else '' end)
    from ${SEQUENCES}
  union all ${grantLines(SEQUENCES, "relacl", "relowner")}`;

const TYPES = `(
  select t.*, format('type %I.%I', n.nspname, t.typname) as object
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  where ${OUR_SCHEMAS} and t.typtype in ('e', 'd')
) as o`;

const TYPE_LINES = `
  select object, 1 as rank, 0 as place, 'comment ' || obj_description(oid, 'pg_type') as line from ${TYPES}
  union all
  select object, 2, 0, 'value ' || quote_literal(enumlabel) from ${TYPES} join pg_enum e on e.enumtypid = o.oid
  union all
  select object, 3, 0, concat_ws(' ', 'domain over', format_type(typbasetype, typtypmod),
      case when typnotnull then 'not null' end, 'default ' || typdefault)
    from ${TYPES} where typtype = 'd'
  union all
  select object, 4, 0, format('constraint %I %s', conname, pg_get_constraintdef(k.oid))
    from ${TYPES} join pg_constraint k on k.contypid = o.oid where contype = 'c'`;

/** All queries over other schemas than ours: `schemas` is a condition over `pg_namespace`, in parentheses. */
export function schemaQueriesOf(schemas: string): string[] {
  return SCHEMA_QUERIES.map((sql) => sql.replaceAll(OUR_SCHEMAS, schemas));
}

/** All queries, in the order of the dump. */
export const SCHEMA_QUERIES: readonly string[] = [
  SCHEMA_LINES,
  TYPE_LINES,
  SEQUENCE_LINES,
  relationLines(),
  FUNCTION_LINES,
].map((lines) =>
  `select object, line from (${lines}) as lines where line is not null
   order by object collate "C", rank, place, line collate "C"`
);
