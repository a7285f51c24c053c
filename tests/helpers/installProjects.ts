/** Small Supabase projects in folders of their own, as people have them, to install into. @module */

import { runInstallProgram } from "../../scripts/install/program.ts";

/** The files of a project by their paths. */
export type ProjectTree = Record<string, string>;

/** Where the project says what it is. */
export const CONFIG = "supabase/config.toml";
/** Where the library goes. */
export const SHARED = "supabase/functions/_shared";
/** A project with nothing in it. */
export const PLAIN: ProjectTree = { [CONFIG]: 'project_id = "plain"\n' };

/** A folder with a project; it goes at its disposal. */
export interface SampleProject extends AsyncDisposable {
  root: string;
  write(files: ProjectTree): Promise<void>;
  /** Every file with its bytes, every empty folder, every link. */
  bytes(): Promise<Map<string, string>>;
}

/** Writes a project. */
export async function sampleProject(files: ProjectTree): Promise<SampleProject> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "install " }));
  const write = async (tree: ProjectTree) => {
    for (const [path, text] of Object.entries(tree)) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
  };
  await write(files);
  return {
    root,
    write,
    bytes: () => bytesBelow(root),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

// One character a byte, so that a difference can be read.
const exact = new TextDecoder("latin1");

async function bytesBelow(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const enter = async (folder: string) => {
    const entries = await Array.fromAsync(Deno.readDir(`${root}/${folder}`));
    if (entries.length === 0) found.set(folder, "an empty folder");
    for (const { name, isDirectory, isSymlink } of entries) {
      const path = `${folder}${name}`;
      if (isDirectory) await enter(`${path}/`);
      else if (isSymlink) found.set(path, `-> ${await Deno.readLink(`${root}/${path}`)}`);
      else found.set(path, exact.decode(await Deno.readFile(`${root}/${path}`)));
    }
  };
  await enter("");
  return new Map([...found].sort(([one], [other]) => one < other ? -1 : 1));
}

/** The program as a person runs it, but in this process. */
export function install(...args: string[]): Promise<{ code: number; output: string }> {
  return installFrom(undefined, ...args);
}

/** The same from another tree than this one. */
export async function installFrom(
  tree: string | undefined,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const { log, error } = console;
  const keep = (...words: unknown[]) => void lines.push(words.join(" "));
  Object.assign(console, { log: keep, error: keep });
  try {
    return { code: await runInstallProgram(args, tree), output: lines.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

/** A tree to install from that is small enough to look at each of its files. */
export const SMALL_SOURCE: ProjectTree = {
  "supabase/config.toml": `project_id = "source"\n\n[functions.heal]\nverify_jwt = false\n`,
  "supabase/functions/deno.json": `{ "compilerOptions": { "strict": true }, "lock": false, "fmt": {} }\n`,
  "supabase/functions/_shared/README.md": "not installed\n",
  "supabase/functions/_shared/retry.ts": `export const retry = 1;\n`,
  "supabase/functions/_shared/retry/delay.ts": `export const delay = 1;\n`,
  "supabase/functions/heal/index.ts": `import { handle } from "./handler.ts";\nDeno.serve(handle);\n`,
  "supabase/functions/heal/handler.ts":
    `import { retry } from "../_shared/retry.ts";\nconst later = () => import("../_shared/retry/delay.ts");\n` +
    `// "../_shared/retry.ts" in a comment stays\nexport const handle = async () => new Response(\`\${retry} \${(await later()).delay}\`);\n`,
  "supabase/migrations/20261121100000_create_errors.sql": "create table public.detected_errors (id int);\n",
  "supabase/migrations/20261121110000_add_jobs.sql":
    "select cron.schedule('healing_engine', '* * * * *', 'select 1');\n",
  "tests/golden/schema.txt": "table public.detected_errors\n  column id integer\n",
};

const NOTES = `create table public.notes (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null references auth.users (id),
  body text not null,
  created_at timestamptz not null default now()
);
create index notes_owner_id_idx on public.notes (owner_id);
alter table public.notes enable row level security;
create policy "owners read" on public.notes for select to authenticated using (owner_id = (select auth.uid()));
grant select on public.notes to authenticated;
grant select, insert on public.notes to service_role;
create function public.note_count() returns bigint language sql stable as 'select count(*) from public.notes';
create view public.recent_notes as select id, body from public.notes where created_at > now() - interval '1 day';
select cron.schedule('tidy_notes', '0 4 * * *', 'delete from public.notes where body = ''''');
insert into public.notes (owner_id, body)
  select id, 'kept ' || n from auth.users cross join generate_series(1, 3) as n;
`;

/** An app on Next with migrations older than ours, a function, comments in its settings and no line end at their end. */
export const NEXT_PROJECT: ProjectTree = {
  "package.json": `{ "name": "notes", "private": true, "dependencies": { "next": "15.3.1" } }\n`,
  "tsconfig.json": `{ "include": ["next-env.d.ts", "**/*.ts", "**/*.tsx"], "exclude": ["node_modules"] }\n`,
  "app/page.tsx": `export default function Page() {\n  return <main>Notes</main>;\n}\n`,
  "supabase/config.toml": `# our project; do not sort
project_id = "notes"

[api] # exposed
schemas = ["public", "graphql_public"]

[functions.hello-notes]
verify_jwt = true # people only`,
  "supabase/migrations/20240102030405_create_notes.sql": NOTES,
  "supabase/functions/hello-notes/index.ts": `Deno.serve(() => new Response("hello"));\n`,
  "supabase/seed.sql": "select 1;\n",
};

/** A project with a library, settings and an import map of its own, and Windows' line ends. */
export const LIBRARY_PROJECT: ProjectTree = {
  "supabase/config.toml": `project_id = "shop"\r\n\r\n[functions.orders]\r\nverify_jwt = true\r\n`,
  "supabase/migrations/20250601120000_create_orders.sql": NOTES.replaceAll("notes", "orders"),
  "supabase/functions/deno.json":
    `{ "imports": { "@supabase/supabase-js": "npm:@supabase/supabase-js@2.49.4" } }\n`,
  "supabase/functions/import_map.json": `{ "imports": {} }\n`,
  "supabase/functions/_shared/cors.ts":
    `export const corsHeaders = { "Access-Control-Allow-Origin": "*" };\n`,
  "supabase/functions/_shared/supabaseClient.ts": `export const client = null;\n`,
  "supabase/functions/_shared/retry/index.ts": `export const retry = 3;\n`,
  "supabase/functions/orders/index.ts":
    `import { corsHeaders } from "../_shared/cors.ts";\nDeno.serve(() => new Response("orders", { headers: corsHeaders }));\n`,
};

/** A project whose migrations are newer than ours. */
export const NEWER_PROJECT: ProjectTree = {
  "supabase/config.toml": `project_id = "young"\n`,
  "supabase/migrations/20250601120000_create_notes.sql": NOTES,
  "supabase/migrations/20290101000059_add_tags.sql":
    "alter table public.notes add column tags text[] not null default '{}';\n",
};

/** A project with tables, functions and jobs of our names. */
export const RIVAL_PROJECT: ProjectTree = {
  "supabase/config.toml": `project_id = "rival"\n`,
  "supabase/migrations/20250601120000_create_notifications.sql":
    `create table if not exists notifications (id int);
create table public.performance_metrics (id int);
create function get_error_rate(p_hours int) returns numeric language sql as 'select 1.0';
create view old.kpis as select 1;
create index healing_runs_started_at_idx on notifications (id);
select cron.schedule('healing_engine', '* * * * *', 'select 1');
`,
  "supabase/migrations/20250602120000_rename.sql":
    "alter table performance_metrics rename to app_metrics;\ncreate table deployment_logs (id int);\ndrop table deployment_logs;\n",
};

/** A file of the project. */
export async function read(project: SampleProject, path: string): Promise<string> {
  return await Deno.readTextFile(`${project.root}/${path}`);
}
