/**
 * Writes that the data interface refuses for their form. An author who writes with `resilientDb` sends none of these: each
 * scene shows that the bare call is refused as the row says, makes the same write through the library, on a real database
 * behind the same stand-in, and looks at the rows.
 *
 * @module
 */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { createResilientDb, type ResilientDb } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { SchemaReader } from "../../supabase/functions/_shared/schemaReader.ts";
import { createServerClient, rpcOverHttp } from "../../supabase/functions/_shared/supabaseClient.ts";
import { notShown } from "./protectedRead.ts";
import { answered, comesBare, type Played, type Scene, type Stage, WORDS } from "./restScene.ts";
import { openRestTable, type RestTable } from "./restTable.ts";
import { canonical } from "./steps.ts";
import { type StandIn, type StandInRequest, startStandIn } from "./standIn.ts";

/** One kind of refused write. */
interface WriteScene {
  columns: string;
  /** What is in the table before. */
  before?: Record<string, unknown>[];
  defect(request: StandInRequest): boolean;
  /** The write as it is refused. */
  bare: RequestInit & { path?: string };
  /** The same write through the library. */
  write(db: ResilientDb, table: string): Promise<unknown>;
  expected: Record<string, unknown>[];
  what: string;
}

const UNEVEN = [{ id: 1, label: "one" }, { id: 2, label: "two", note: "its own" }];
const COLUMNS = "id int primary key, label text not null, note text default 'none'";

/** The scenes of refused writes. */
export const WRITE_SCENES: readonly Scene[] = [
  {
    fits: ({ code, message }) => code === "PGRST102" && /keys must match/i.test(message),
    play: (stage) =>
      playWrite(stage, {
        columns: COLUMNS,
        defect: ({ body }) => Array.isArray(body) && new Set(body.map(keysOf)).size > 1,
        bare: { method: "POST", body: JSON.stringify(UNEVEN) },
        write: (db, table) => db.insert(table, UNEVEN),
        expected: [{ id: 1, label: "one", note: "none" }, { id: 2, label: "two", note: "its own" }],
        what: "rows of different keys in one call, each default kept",
      }),
  },
  {
    fits: ({ code }) => code === "PGRST102",
    play: (stage) =>
      playWrite(stage, {
        columns: COLUMNS,
        defect: ({ method, body }) => method === "POST" && !Array.isArray(body) && !isRecord(body),
        bare: { method: "POST", body: String(UNEVEN[1]) },
        write: (db, table) => db.insert(table, UNEVEN[1]!),
        expected: [{ id: 2, label: "two", note: "its own" }],
        what: "the row itself, which the library writes as JSON",
      }),
  },
  {
    fits: ({ code }) => code === "PGRST105" || code === "PGRST114",
    play: (stage) =>
      playWrite(stage, {
        columns: COLUMNS,
        before: [{ id: 1, label: "old", note: "kept" }, { id: 2, label: "other", note: "kept" }],
        defect: ({ method }) => method === "PUT",
        bare: { method: "PUT", path: "?label=eq.old&limit=1", body: JSON.stringify({ id: 1, label: "new" }) },
        write: (db, table) => db.upsert(table, { id: 1, label: "new" }),
        expected: [{ id: 1, label: "new", note: "kept" }, { id: 2, label: "other", note: "kept" }],
        what: "an upsert by the row's own key",
      }),
  },
  {
    fits: ({ code }) => code === "PGRST204",
    play: playUnknownColumn,
  },
];

function keysOf(row: unknown): string {
  return isRecord(row) ? Object.keys(row).sort().join("\n") : "";
}

async function playWrite(stage: Stage, scene: WriteScene): Promise<Played> {
  await using table = await openRestTable(stage.database, "healbench_items", scene.columns);
  for (const row of scene.before ?? []) await insert(table, row);
  if (!await isRefusedBare(stage, scene)) return notShown();
  await using standIn = startStandIn(stage.row, { defect: scene.defect, answer: table.answer, words: WORDS });
  await scene.write(resilientDbOver(standIn, table), table.name);
  const rows = await table.rows();
  const isRight = canonical(rows) === canonical(scene.expected);
  return answered(standIn, stage, {
    isRight,
    actions: [`resilientDb: ${scene.what}`],
    reason: isRight
      ? `the bare call is refused; through the library the table holds what was meant: ${scene.what}`
      : `the table holds ${JSON.stringify(rows).slice(0, 200)}`,
  });
}

async function isRefusedBare(
  stage: Stage,
  { bare: { path = "", ...init }, defect }: WriteScene,
): Promise<boolean> {
  await using standIn = startStandIn(stage.row, { defect, words: WORDS });
  const send = () => fetch(`${standIn.url}/rest/v1/healbench_items${path}`, init);
  return await comesBare(send, stage);
}

/** A column that the interface does not find is there all the same, is spelled otherwise, or is not there: three writes. */
async function playUnknownColumn(stage: Stage): Promise<Played> {
  const [, wanted = "nickName", name = "people"] =
    /'([^']+)' column of '([^']+)'/.exec(stage.answer.message) ?? [];
  const column = `${wanted.slice(0, 60)}`;
  const columns = `id int primary key, ${JSON.stringify(column)} text, display_name text`;
  await using table = await openRestTable(stage.database, `healbench_${name.slice(0, 40)}`, columns);
  const writes = [{ id: 1, [column]: "as it is" }, { id: 2, displayName: "spelled otherwise" }, {
    id: 3,
    zzUnheardOf: "nobody's",
  }];
  const isDefective = ({ url, body }: StandInRequest) =>
    !url.includes("/rpc/") && isRecord(body) && Object.hasOwn(body, column);
  const bare = { method: "POST", body: JSON.stringify(writes[0]) };
  const shown = { columns, defect: isDefective, bare } as WriteScene;
  if (!await isRefusedBare(stage, shown)) return notShown();
  await using standIn = startStandIn(stage.row, { defect: isDefective, answer: table.answer, words: WORDS });
  const db = resilientDbOver(standIn, table);
  const results = [];
  for (const row of writes) results.push(...(await db.insert(table.name, row)).results);
  const expected = [
    { id: 1, [column]: "as it is", display_name: null },
    { id: 2, [column]: null, display_name: "spelled otherwise" },
    { id: 3, [column]: null, display_name: null },
  ];
  const rows = await table.rows();
  const isRight = canonical(rows) === canonical(expected) && results[2]?.parked?.[0] === "zzUnheardOf";
  return answered(standIn, stage, {
    isRight,
    actions: [
      "resilientDb: the column as the catalogue has it",
      "rename_column",
      "a value without a column is kept apart",
    ],
    reason: isRight
      ? "a column that is there is written, one that is spelled otherwise is found, and what has no column is kept where an admin finds it"
      : `the table holds ${JSON.stringify(rows).slice(0, 200)}`,
  });
}

function resilientDbOver(standIn: StandIn, { keys }: RestTable): ResilientDb {
  return createResilientDb(rpcOverHttp(createServerClient(standIn.url, keys.secret)), {
    functionName: "healbench",
    schemas: new SchemaReader(),
  });
}

async function insert({ client, name }: RestTable, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row).map((key) => JSON.stringify(key)).join(", ");
  await client.query(`insert into public.${name} (${names}) values ($1, $2, $3)`, Object.values(row));
}
