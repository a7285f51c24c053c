/** `skip_seed_rows`: rows of a seed that are there already, just as the seed has them, are not inserted again. @module */

import { quoted } from "../../core/sqlNames.ts";
import { namesIn, relationName, type SqlNode, unitsAt } from "../../core/sqlSyntax.ts";
import {
  type Failure,
  inScratch,
  putInPlace,
  refuse,
  type Rewriting,
  spliced,
  type Transform,
} from "./transform.ts";

const SEED = "healing_seed_rows";

/** The key that was violated, as columns of its table. */
const KEY = `select array_agg(a.attname::text order by k.place) as columns
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
  cross join unnest(i.indkey::int2[]) with ordinality as k (number, place)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
  where i.indrelid = to_regclass($1) and c.relname = $2 and i.indpred is null and i.indexprs is null`;

/** In these a second row is an answer and not a fault, whatever it holds. */
const LEDGERS =
  /pay(?:ment|out|roll)|ledger|invoice|transaction|refund|charge|balance|wallet|order|booking|dose|consent|account|credential|session/i;

/** The transform `skip_seed_rows`. */
export const skipSeedRows: Transform = {
  risk: "low",
  describe: (object) => `insert only the rows that are not there yet under ${object}`,
  changes: { fields: ["onConflictClause"] },
  async rewrite(failure) {
    const { parsed, sql, object } = failure;
    if (parsed?.kind !== "InsertStmt") return refuse("the statement is no insert");
    const { relation, onConflictClause, returningList, returningClause, withClause, selectStmt } =
      parsed.node;
    if (onConflictClause !== undefined) return refuse("the statement has a conflict clause already");
    if (returningList !== undefined || returningClause !== undefined || withClause !== undefined) {
      return refuse("somebody waits for the rows of the statement");
    }
    if ((selectStmt as { SelectStmt?: SqlNode } | undefined)?.SelectStmt?.valuesLists === undefined) {
      return refuse("the statement copies rows instead of naming them");
    }
    const table = relationName(relation);
    if (LEDGERS.test(table)) return refuse(`a row that is twice in ${table} is an answer, and not a fault`);
    const [key] = await sql.query<{ columns: string[] | null }>(KEY, [table, object]);
    if (!key?.columns) return refuse(`${object} is no plain key of the table`);
    return await skipIfSame(failure, table, key.columns);
  },
};

async function skipIfSame(failure: Failure, table: string, key: string[]): Promise<Rewriting> {
  const { sql, statement, parsed } = failure;
  const { relation, cols } = parsed!.node;
  const from = unitsAt(statement.text, Number((relation as SqlNode).location));
  const written = /^(?:(?:"(?:[^"]|"")*"|[\w$]+)\s*\.\s*)?(?:"(?:[^"]|"")*"|[\w$]+)/.exec(
    statement.text.slice(from),
  );
  if (written === null) return refuse("the statement is written in an unknown way");
  const trial = spliced(statement.text, [{ from, to: from + written[0].length, text: `pg_temp.${SEED}` }]);
  const named = (cols as { ResTarget: { name: string } }[] | undefined)?.map(({ ResTarget }) =>
    ResTarget.name
  );
  const verdict = await inScratch(sql, async () => {
    await sql.query(
      `create temporary table ${SEED} (like ${table} including defaults including generated including identity)`,
    );
    await sql.query(trial);
    return await compareRows(failure, table, key, named);
  });
  if (verdict !== null) return refuse(verdict);
  const text = `${statement.text} on conflict (${key.map((name) => quoted(name)).join(", ")}) do nothing`;
  return putInPlace(failure, [text], "the rows that are there are just as the seed has them");
}

/** Null when every seed row with a key that exists equals the row that has it, in all that the seed says. */
async function compareRows(
  { sql }: Failure,
  table: string,
  key: readonly string[],
  named: readonly string[] | undefined,
): Promise<string | null> {
  const columns = named ?? namesIn((await sql.query<{ name: string }>(
    "select attname::text as name from pg_catalog.pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
    [table],
  )).map(({ name }) => ({ String: { sval: name } })));
  const equal = (names: readonly string[], operator: string) =>
    names.map((name) => `s.${quoted(name)} ${operator} t.${quoted(name)}`).join(" and ");
  const [row] = await sql.query<{ same: number; different: number; twice: number }>(
    `select count(*) filter (where ${equal(columns, "is not distinct from")})::int as same,
       count(*) filter (where not (${equal(columns, "is not distinct from")}))::int as different,
       (select count(*)::int from (select from pg_temp.${SEED} group by ${
      key.map((name) => quoted(name)).join(", ")
    } having count(*) > 1) d) as twice
     from pg_temp.${SEED} s join ${table} t on ${equal(key, "=")}`,
  );
  if (row!.twice > 0) return "the seed itself has one key twice";
  if (row!.different > 0) {
    return `${row!.different} rows exist with other values: somebody has changed them since`;
  }
  return row!.same > 0 ? null : "no row of the seed exists";
}
