/** The template of edge functions of Supabase. @module */

import type { ProjectFile } from "../core/projectPaths.ts";
import type { TemplateText } from "./template.ts";

/** A function that lists and adds what its caller owns, and the table for it. */
export function edgeTemplate(text: TemplateText): ProjectFile[] {
  const { slug, migrationPath } = text;
  return [
    { path: `supabase/functions/${slug}/index.ts`, content: indexText(text) },
    {
      path: `supabase/functions/${slug}/items.ts`,
      content: ITEMS,
    },
    { path: migrationPath, content: MIGRATION },
  ];
}

const MIGRATION = `create table public.items (
  id bigint generated always as identity primary key,
  user_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  text text not null check (length(text) between 1 and 1000),
  created_at timestamptz not null default now()
);
create index items_user_id_created_at_idx on public.items (user_id, created_at desc);
alter table public.items enable row level security;
create policy items_are_read_by_their_owner on public.items for select to authenticated
  using (user_id = (select auth.uid()));
create policy items_are_added_by_their_owner on public.items for insert to authenticated
  with check (user_id = (select auth.uid()));
grant select, insert on public.items to authenticated;
`;

function indexText({ code }: TemplateText): string {
  return `import { listItems, addItem } from "./items.ts";

const about = { title: ${code.title}, description: ${code.description} };

Deno.serve(async (request) => {
  const authorization = request.headers.get("authorization");
  if (authorization === null) return Response.json({ error: "sign in first" }, { status: 401 });
  if (request.method === "GET") {
    return Response.json({ ...about, items: await listItems(authorization) });
  }
  if (request.method !== "POST") return Response.json({ error: "use GET or POST" }, { status: 405 });
  const body: unknown = await request.json().catch(() => null);
  const text = typeof body === "object" && body !== null && "text" in body ? String(body.text).trim() : "";
  if (text === "") return Response.json({ error: "text is missing" }, { status: 400 });
  await addItem(authorization, text);
  return Response.json({ added: text }, { status: 201 });
});
`;
}

const ITEMS =
  `function callItems(authorization: string, query: string, init: RequestInit = {}): Promise<Response> {
  const url = Deno.env.get("SUPABASE_URL");
  const key = Deno.env.get("SUPABASE_ANON_KEY");
  if (url === undefined || key === undefined) throw new Error("SUPABASE_URL and SUPABASE_ANON_KEY are needed");
  return fetch(\`\${url}/rest/v1/items\${query}\`, {
    ...init,
    headers: { apikey: key, authorization, "content-type": "application/json" },
  });
}

export async function listItems(authorization: string): Promise<unknown> {
  const answer = await callItems(authorization, "?select=id,text,created_at&order=created_at.desc&limit=100");
  if (!answer.ok) throw new Error(\`the items could not be read: \${answer.status}\`);
  return await answer.json();
}

export async function addItem(authorization: string, text: string): Promise<void> {
  const answer = await callItems(authorization, "", { method: "POST", body: JSON.stringify({ text }) });
  if (!answer.ok) throw new Error(\`the item could not be added: \${answer.status}\`);
}
`;
