/** The catalogue queries behind the generated types: tables, views and functions of the exposed schema. @module */

/** One column of a table or view. */
export interface Column {
  relation: string;
  /** False for a view: nothing is inserted there. */
  writable: boolean;
  /** The comment of the table. */
  comment: string | null;
  name: string;
  type: string;
  category: string;
  nullable: boolean;
  /** True when an insert may leave it out. */
  optional: boolean;
  /** True when an insert must leave it out. */
  generated: boolean;
  /** The comment of the column. */
  description: string | null;
  /** The values that a check constraint or an enum allows, or null where anything goes. */
  labels: string[] | null;
}

/** One argument of a function. */
export interface RoutineArgument {
  name: string;
  type: string;
  category: string;
  optional: boolean;
}

/** One function. */
export interface Routine {
  name: string;
  comment: string | null;
  args: RoutineArgument[];
  returns: string;
  category: string;
  returnsSet: boolean;
}

// A list of values is printed as `CHECK ((status = ANY (ARRAY['open'::text, 'done'::text])))`. Quotes inside of a
// value are doubled; such a value is left to be a string.
const LABELS = `(
  select array_agg(label[1] order by place)
  from pg_catalog.pg_constraint k
  cross join lateral regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::text', 'g') with ordinality as m (label, place)
  where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
    and pg_get_constraintdef(k.oid) ~ '^CHECK \\(\\(\\w+ = ANY \\(ARRAY\\[(''[^'']*''::text(, )?)+\\]\\)\\)\\)$'
)`;

const ENUM_LABELS = `(
  select array_agg(enumlabel::text order by enumsortorder) from pg_catalog.pg_enum where enumtypid = a.atttypid
)`;

/** Every column, in the order of its table. */
export const COLUMNS_SQL = `
  select c.relname as relation, c.relkind in ('r', 'p') as writable, obj_description(c.oid, 'pg_class') as comment,
    a.attname as name, t.typname as type, upper(t.typtype::text) as category, not a.attnotnull as nullable,
    not a.attnotnull or a.atthasdef or a.attidentity <> '' as optional,
    a.attgenerated <> '' or a.attidentity = 'a' as generated,
    col_description(c.oid, a.attnum) as description, coalesce(${LABELS}, ${ENUM_LABELS}) as labels
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
  order by c.relname collate "C", a.attnum`;

/** Every function that the API can call, in the order of the names. */
export const ROUTINES_SQL = `
  select p.proname as name, obj_description(p.oid, 'pg_proc') as comment,
    coalesce((
      select json_agg(json_build_object('name', p.proargnames[i], 'type', t.typname, 'category', upper(t.typtype::text),
        'optional', i > p.pronargs - p.pronargdefaults) order by i)
      from generate_series(1, p.pronargs) as i join pg_catalog.pg_type t on t.oid = p.proargtypes[i - 1]
    ), '[]') as args,
    r.typname as returns, upper(r.typtype::text) as category, p.proretset as "returnsSet"
  from pg_catalog.pg_proc p join pg_catalog.pg_type r on r.oid = p.prorettype
  where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
    and r.typname not in ('trigger', 'event_trigger')
  order by p.proname collate "C"`;
