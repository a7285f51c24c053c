/** The resilient write path against a bare `supabase.rpc` that does the plain insert: over HTTP, through the gateway. @module */

import { Client } from "../../../supabase/functions/_shared/postgres.ts";
import {
  createResilientDb,
  type ResilientDb,
  type Row,
} from "../../../supabase/functions/_shared/resilientDbWrapper.ts";
import {
  createServerClient,
  rpcOverHttp,
  type SupabaseClient,
} from "../../../supabase/functions/_shared/supabaseClient.ts";
import { freshDataDir } from "../../stack/dataDir.ts";
import { type Stack, startStack } from "../../stack/stack.ts";
import { type ContestGroup, type ContestRow, runContest } from "./contest.ts";
import { timed } from "./takeTurns.ts";

const ROUNDS = 150;
const PEER = "bare supabase.rpc";

const SCHEMA = `
  create table messages (id bigint generated always as identity primary key, role text not null, content text not null,
    note text default 'none', created_at timestamptz default now());
  create table items (n int primary key, name text not null, price numeric check (price >= 0));
  grant select, insert on messages, items to service_role;
  create function plain_insert(p_rows jsonb) returns jsonb language plpgsql set search_path = '' as $$
    declare v_rows integer;
    begin
      insert into public.messages (role, content)
      select given.role, given.content from jsonb_populate_recordset(null::public.messages, p_rows) as given;
      get diagnostics v_rows = row_count;
      return jsonb_build_object('rows', v_rows);
    end $$;
  grant execute on function plain_insert to service_role;`;

/** A project with tables to write into. */
export interface WritingPlace extends AsyncDisposable {
  db: ResilientDb;
  /** The plain insert of messages, as a function would send it without us. */
  plainInsert(rows: readonly Row[]): PromiseLike<unknown>;
  client: SupabaseClient;
  stack: Stack;
}

/** Starts a stack with the tables `messages` and `items`, and with what else `schema` makes. */
export async function openWritingPlace(schema = ""): Promise<WritingPlace> {
  const stack = await startStack({
    dataDir: await freshDataDir(),
    durable: false,
    temporary: true,
    schedule: false,
    externalUrl: null,
    functionRoots: [],
  });
  const owner = new Client({ connectionString: stack.dbUrl });
  await owner.connect();
  await owner.query(SCHEMA + schema).finally(() => owner.end());
  const client = createServerClient(stack.url, stack.keys.secret);
  return {
    db: createResilientDb(rpcOverHttp(client)),
    plainInsert: (rows) => client.rpc("plain_insert", { p_rows: rows }).throwOnError(),
    client,
    stack,
    [Symbol.asyncDispose]: () => stack.stop(),
  };
}

/** Rows that fit the table `messages`. */
export function messages(count: number): Row[] {
  return Array.from(
    { length: count },
    (_, n) => ({ role: "user", content: `Hello, this is message number ${n}` }),
  );
}

/** Inserts that fit, of one row and of a hundred, without and with a key. */
export const writeContests: ContestGroup = {
  name: "write path",
  async run({ rounds }) {
    await using place = await openWritingPlace();
    const limits = { rounds: Math.min(rounds, ROUNDS), warmUp: Math.min(rounds, 30) };
    const contests: ContestRow[] = [];
    for (const count of [1, 100]) {
      const rows = messages(count);
      const peers = { [PEER]: timed(() => place.plainInsert(rows)) };
      const what = `insert of ${count === 1 ? "one row" : `${count} rows`} over HTTP`;
      const keyless = timed(() => place.db.insert("messages", rows, { key: false }));
      const keyed = timed(() => place.db.insert("messages", rows));
      contests.push(
        ...await runContest({ what, ours: { name: "resilientDb, no key", side: keyless }, peers }, limits),
        ...await runContest(
          { what, ours: { name: "resilientDb", side: keyed }, peers, inReadme: [PEER] },
          limits,
        ),
      );
    }
    return contests;
  },
};
