/**
 * What the resilient write path costs against a bare `supabase.rpc` that does the plain insert: over HTTP, through the
 * gateway, into a real Postgres, in alternating runs, as medians.
 *
 * The bounds are those of the design: an insert of 1 and of 100 rows at most 1.10 times the bare call, 1.25 times with an
 * idempotency key; 10,000 rows of which 1 % are bad at most 4 times the clean batch. `--runs N` sets the number of runs.
 *
 * @module
 */

import { rpcOverHttp } from "../../supabase/functions/_shared/supabaseClient.ts";
import { createServerClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { createResilientDb, type Row } from "../../supabase/functions/_shared/resilientDbWrapper.ts";
import { print } from "../lib/print.ts";
import { printTable } from "../lib/printTable.ts";
import { freshDataDir } from "../stack/dataDir.ts";
import { startStack } from "../stack/stack.ts";

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

interface Measured {
  what: string;
  medians: Record<string, number>;
}

function median(times: number[]): number {
  return times.toSorted((one, other) => one - other)[times.length >> 1]!;
}

/** Runs the kinds one after the other, again and again, so that whatever else the machine does hits all of them. */
async function alternate(
  runs: number,
  kinds: Readonly<Record<string, () => PromiseLike<unknown>>>,
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
  const warmUp = Math.ceil(runs / 5);
  for (let run = -warmUp; run < runs; run++) {
    for (const [name, call] of Object.entries(kinds)) {
      const startedAt = performance.now();
      await call();
      if (run >= 0) times[name]!.push(performance.now() - startedAt);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

function messages(count: number): Row[] {
  return Array.from(
    { length: count },
    (_, n) => ({ role: "user", content: `Hello, this is message number ${n}` }),
  );
}

function items(from: number, isBad: (n: number) => boolean): Row[] {
  return Array.from(
    { length: 10_000 },
    (_, n) => ({ n: from + n, name: "an item", price: isBad(n) ? -1 : n }),
  );
}

const runsAt = Deno.args.indexOf("--runs");
const runs = runsAt < 0 ? 400 : Number(Deno.args[runsAt + 1]);
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
await owner.query(SCHEMA);
const client = createServerClient(stack.url, stack.keys.secret);
const db = createResilientDb(rpcOverHttp(client));
const measured: Measured[] = [];

for (const count of [1, 100]) {
  const rows = messages(count);
  const medians = await alternate(runs, {
    bare: () => client.rpc("plain_insert", { p_rows: rows }),
    "resilientDb, no key": () => db.insert("messages", rows, { key: false }),
    "resilientDb, with key": () => db.insert("messages", rows),
  });
  measured.push({ what: `insert of ${count}`, medians });
}

let used = 0;
const bad = await alternate(5, {
  bare: () => db.insert("items", items(used++ * 10_000, () => false)),
  "1 % bad": () => db.insert("items", items(used++ * 10_000, (n) => n % 100 === 57)),
});
measured.push({ what: "10,000 rows", medians: bad });
await owner.end();
await stack.stop();

const LIMITS: Readonly<Record<string, number>> = {
  "resilientDb, no key": 1.1,
  "resilientDb, with key": 1.25,
  "1 % bad": 4,
};
let isBroken = false;
printTable(measured.flatMap(({ what, medians }) =>
  Object.entries(medians).map(([kind, time]) => {
    const ratio = time / medians.bare!;
    const limit = LIMITS[kind];
    if (limit !== undefined && ratio > limit) isBroken = true;
    return {
      write: what,
      kind: kind === "bare" ? "baseline" : kind,
      "median (ms)": time.toFixed(3),
      ratio: ratio.toFixed(3),
      limit: limit ?? "",
    };
  })
));
print(`${runs} alternating runs of each kind`);
if (isBroken) Deno.exitCode = 1;
