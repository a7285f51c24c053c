/**
 * Fails when a file does not say what it is for, when an export has no sentence of documentation, or when an
 * object of the database has no comment.
 *
 * @module
 */

import type { Gate, GateContext, Rows } from "../lib/gate.ts";
import { docWordsOf, isExported, lineOf, ts } from "../lib/typescript.ts";
import { OUR_SCHEMAS } from "../lib/catalogue.ts";

/** The gate. */
export const documentedGate: Gate = {
  name: "documented",
  run: async (context) => [...await checkSources(context), ...await findUncommentedObjects(context.rows)],
};

const JUDGED = /^(supabase\/functions|scripts|tests\/helpers)\/.*\.tsx?$/;
const GENERATED = /\/database\.types\.ts$/;

/** Finds files without a module comment and exports without a sentence. */
export async function checkSources(context: GateContext): Promise<string[]> {
  const problems: string[] = [];
  const paths = (await context.files()).filter((path) => JUDGED.test(path) && !GENERATED.test(path));
  for (const path of paths) {
    if (!/^(#!.*\n)?\s*\/\*\*(?:(?!\*\/)[\s\S])*@module/.test(await context.read(path))) {
      problems.push(`${path}:1: does not say what it is for: open it with a paragraph that ends in @module`);
    }
    problems.push(...checkExports(path, await context.parse(path)));
  }
  return problems;
}

function checkExports(path: string, tree: ts.SourceFile): string[] {
  const seen = new Set<string>();
  return tree.statements.filter(isExported).flatMap((statement) => {
    const name = nameOf(statement);
    // Only the first signature of an overloaded function carries the sentence.
    if (seen.has(name)) return [];
    seen.add(name);
    const problem = judgeSentence(docWordsOf(statement));
    return problem === undefined ? [] : [`${path}:${lineOf(statement)}: ${name} ${problem}`];
  });
}

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((one) => one.name.getText()).join(", ");
  }
  const name = "name" in statement ? (statement.name as ts.Node | undefined) : undefined;
  return name?.getText() ?? "the default export";
}

function judgeSentence(sentence: string | undefined): string | undefined {
  if (sentence === undefined || sentence === "") return "has no documentation: say in a sentence what it is";
  const first = sentence.split(/\n\s*\n|\n\s*[-*] /)[0]!.trim();
  return /[.!?:)`]$/.test(first) ? undefined : "is documented by half a sentence: end it with a full stop";
}

/** Finds schemas, tables, views, sequences, types and functions of ours without a comment. */
export async function findUncommentedObjects(rows: Rows): Promise<string[]> {
  const found = await rows<{ kind: string; identity: string }>(`
    with ours as (select oid, nspname from pg_catalog.pg_namespace where ${OUR_SCHEMAS})
    select 'schema' as kind, nspname as identity from ours
      where nspname <> 'public' and obj_description(oid, 'pg_namespace') is null
    union all
    select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end,
      ours.nspname || '.' || relname
      from pg_catalog.pg_class join ours on ours.oid = relnamespace
      where relkind in ('r', 'p', 'v', 'm', 'S') and obj_description(pg_class.oid, 'pg_class') is null
        and not exists (select from pg_catalog.pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = pg_class.oid and d.deptype in ('e', 'i', 'a'))
        and not (relispartition and relkind <> 'p'
          and pg_get_expr(relpartbound, pg_class.oid) <> 'DEFAULT')
    union all
    select 'type', ours.nspname || '.' || typname
      from pg_catalog.pg_type join ours on ours.oid = typnamespace
      where typtype in ('e', 'd') and obj_description(pg_type.oid, 'pg_type') is null
    union all
    select 'function', p.oid::regprocedure::text
      from pg_catalog.pg_proc p join ours on ours.oid = pronamespace
      where obj_description(p.oid, 'pg_proc') is null
        and not exists (select from pg_catalog.pg_depend d
          where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
    order by 1, 2`);
  return found.map(({ kind, identity }) =>
    `${kind} ${identity} has no comment: add comment on ${kind} … is '…'`
  );
}
