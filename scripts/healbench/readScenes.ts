/** Reads and calls of functions through the client that heals, behind a stand-in that stays broken while the defect is there. @module */

import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { quoted } from "../../supabase/functions/_shared/core/sqlNames.ts";
import {
  readUnknownToInterface,
  type UnknownToInterface,
} from "../../supabase/functions/_shared/core/unknownToInterface.ts";
import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { createHealingFetch } from "../../supabase/functions/_shared/healingFetch.ts";
import type { Client } from "../../supabase/functions/_shared/postgres.ts";
import { SchemaReader } from "../../supabase/functions/_shared/schemaReader.ts";
import { createServerClient, rpcOverHttp } from "../../supabase/functions/_shared/supabaseClient.ts";
import { healingClient, notShown, original, protectedRead, readWith, ROW } from "./protectedRead.ts";
import { answered, comesBare, type Played, repeatsOf, type Scene, type Stage, WORDS } from "./restScene.ts";
import { openRestTable, type RestTable } from "./restTable.ts";
import { type StandInRequest, startStandIn } from "./standIn.ts";
import { TOKEN_SCENES } from "./tokenScenes.ts";

/** The scenes of reads and of calls of functions. */
export const READ_SCENES: readonly Scene[] = [
  { fits: ({ code }) => code === "PGRST116", play: playSingle },
  { fits: ({ code }) => code === "PGRST107", play: playMediaType },
  { fits: ({ code }) => code === "PGRST126", play: playRoot },
  ...TOKEN_SCENES,
  {
    fits: ({ code, message }) => readUnknownToInterface(code, message) !== null,
    play: (stage) => stage.row.retry_safe_unchanged === true ? playStaleCopy(stage) : playMissing(stage),
  },
  { fits: () => true, play: playRead },
];

async function playRead(stage: Stage): Promise<Played> {
  await using standIn = startStandIn(stage.row, { answer: () => Response.json([ROW]), words: WORDS });
  const { client, mended } = healingClient(standIn);
  return await readWith(stage, standIn, mended, () => client.from("items").select());
}

/** A read that may find nothing: null where its author says so, a coded answer where not, and never for many rows. */
async function playSingle(stage: Stage): Promise<Played> {
  const asksForOne = ({ headers }: StandInRequest) =>
    (headers.get("accept") ?? "").includes("vnd.pgrst.object");
  await using standIn = startStandIn(stage.row, { defect: asksForOne, words: WORDS });
  const { client } = healingClient(standIn);
  const read = () => client.from("profiles").select().eq("id", "nobody").single();
  let coded: unknown;
  try {
    await protectedRead(stage, read);
  } catch (error) {
    coded = error;
  }
  const one = standIn.requests.length;
  try {
    const { data } = await protectedRead(stage, read, { maybe: true }) as { data: unknown };
    const isRight = data === null && isHealingError(coded) && coded.code === "NOT_FOUND" && one === 1 &&
      standIn.requests.length === 2;
    return {
      kind: "answered",
      isRight,
      acted: false,
      actions: ["maybe: no row is null"],
      reason: isRight
        ? "a read that may find nothing gets null, one that must find a row gets NOT_FOUND, with one request each"
        : "what the author got is not the good answer",
      harm: [],
    };
  } catch (error) {
    return { kind: "refused", error: original(error), harm: [] };
  }
}

async function playMediaType(stage: Stage): Promise<Played> {
  const named = /available: *(\S+)/.exec(stage.answer.message)?.[1];
  const headers = { accept: named ?? "application/vnd.api+json" };
  const defect = ({ headers }: StandInRequest) => headers.get("accept") !== "application/json";
  await using standIn = startStandIn(stage.row, { defect, answer: () => Response.json([ROW]), words: WORDS });
  const { client, mended } = healingClient(standIn, { headers });
  return await readWith(stage, standIn, mended, () => client.from("items").select());
}

/** The description of the interface is switched off: what the tables are is in the catalogue. */
async function playRoot(stage: Stage): Promise<Played> {
  const defect = ({ url }: StandInRequest) => /^\/rest\/v1\/?(?:\?|$)/.test(url);
  await using table = await openRestTable(
    stage.database,
    "healbench_described",
    "id int primary key, label text",
  );
  await using bare = startStandIn(stage.row, { defect });
  if (!await comesBare(() => fetch(`${bare.url}/rest/v1/`), stage)) return notShown();
  await using standIn = startStandIn(stage.row, { defect, answer: table.answer, words: WORDS });
  const schemas = new SchemaReader();
  await schemas.read(rpcOverHttp(createServerClient(standIn.url, table.keys.secret)), [table.name]);
  const columns = schemas.known(table.name)?.columns.map(({ name, type }) => `${name} ${type}`).join();
  return answered(standIn, stage, {
    isRight: columns === "id integer,label text",
    actions: ["SchemaReader: the columns from the catalogue"],
    reason: `the interface does not describe itself; the library reads the catalogue, which says ${columns}`,
  });
}

/** The interface's copy is old until the database says that it changed. */
async function playStaleCopy(stage: Stage): Promise<Played> {
  const missing = readUnknownToInterface(stage.answer.code, stage.answer.message)!;
  const isCall = missing.missing === "function";
  const columns = `id int primary key, ${quoted(missing.part ?? "note")} int`;
  await using table = await openRestTable(stage.database, isCall ? "healbench_notes" : missing.name, columns);
  await using _made = await makeRest(table, missing);
  let told = false;
  table.client.on("notification", ({ channel, payload }) => {
    told ||= channel === "pgrst" && payload === "reload schema";
  });
  await table.client.query("listen pgrst");
  const isOurs = ({ url }: StandInRequest) => url.includes("/rpc/refresh_schema_cache");
  await using standIn = startStandIn(stage.row, {
    defect: (request) => !told && !isOurs(request),
    answer: (request) => isOurs(request) ? table.answer(request) : Response.json([ROW]),
    words: WORDS,
  });
  const service = rpcOverHttp(createServerClient(standIn.url, table.keys.secret));
  const { client, mended } = healingClient(standIn, { service });
  const values = Object.fromEntries(missing.arguments.map((argument) => [argument, "x"]));
  return await readWith(
    stage,
    standIn,
    mended,
    () => isCall ? client.rpc(missing.name, values) : client.from(missing.name).select(),
  );
}

/** What the catalogue has besides the table: the function, or the other end of a relationship. */
async function makeRest({ client, name }: RestTable, missing: UnknownToInterface): Promise<AsyncDisposable> {
  const other = quoted(missing.missing === "function" ? missing.name : missing.part ?? "");
  if (missing.missing === "function") await makeFunction(client, missing.name, missing.arguments);
  if (missing.missing === "relationship") {
    await client.query(`drop table if exists public.${other} cascade`);
    await client.query(`create table public.${other} (id int primary key)`);
    await client.query(
      `alter table public.${quoted(name)} add foreign key (${other}) references public.${other}`,
    );
  }
  return {
    async [Symbol.asyncDispose]() {
      if (missing.missing === "function") await client.query(`drop function if exists public.${other}`);
      if (missing.missing === "relationship") {
        await client.query(`drop table if exists public.${other} cascade`);
      }
    },
  };
}

/** A function that answers its first argument. */
async function makeFunction(client: Client, name: string, args: readonly string[]): Promise<void> {
  await client.query(`drop function if exists public.${quoted(name)}`);
  const list = args.map((argument) => `${quoted(argument)} text`).join(", ");
  await client.query(
    `create function public.${quoted(name)}(${list}) returns text language sql as $body$ select ${
      args.length === 0 ? "''::text" : "$1"
    } $body$`,
  );
}

/** Nothing of this name, or a function whose arguments are spelled otherwise. */
async function playMissing(stage: Stage): Promise<Played> {
  const missing = readUnknownToInterface(stage.answer.code, stage.answer.message)!;
  if (missing.missing !== "function" || missing.arguments.length === 0) return await playRead(stage);
  await using table = await openRestTable(stage.database, "healbench_notes", "id int primary key");
  const given = missing.arguments;
  const own = given.map((name) => `p_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`);
  await makeFunction(table.client, missing.name, own);
  try {
    const isUnknown = ({ url, body }: StandInRequest) =>
      url.includes(`/rpc/${missing.name}`) && isRecord(body) &&
      Object.keys(body).sort().join() !== own.sort().join();
    await using standIn = startStandIn(stage.row, { defect: isUnknown, answer: table.answer, words: WORDS });
    const service = rpcOverHttp(createServerClient(standIn.url, table.keys.secret));
    const send = createHealingFetch({ baseDelayMs: 1, service: () => Promise.resolve(service) });
    const client = createServerClient(standIn.url, table.keys.secret, send);
    const values = Object.fromEntries(given.map((argument) => [argument, `value of ${argument}`]));
    const { data, error } = await client.rpc(missing.name, values);
    if (error !== null) return { kind: "refused", error, harm: repeatsOf(stage, standIn) };
    return answered(standIn, stage, {
      isRight: data === `value of ${given[0]}`,
      actions: ["renamed_arguments"],
      reason: "the only function of this name takes the same values under its own spelling",
    });
  } finally {
    await table.client.query(`drop function if exists public.${quoted(missing.name)}`);
  }
}
