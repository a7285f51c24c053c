/** What edge functions of Supabase need. @module */

import { type Slot, type SlotContext, slugOf } from "./slot.ts";

function functionNames({ files, title }: SlotContext): string[] {
  const names = files.map(({ path }) => /^supabase\/functions\/([^_/][^/]*)\//.exec(path)?.[1] ?? "");
  const known = [...new Set(names)].filter((name) => /^[A-Za-z][\w-]*$/.test(name));
  return known.length > 0 ? known : [slugOf(title)];
}

/** The first function without its entry; a project with all of them needs none. */
function missingEntry(context: SlotContext): string | undefined {
  return functionNames(context).find((name) => !context.has(`supabase/functions/${name}/index.ts`));
}

const DEFAULT = `Deno.serve(async (request) => {
  if (request.method !== "POST") {
    return Response.json({ error: "use POST" }, { status: 405 });
  }
  const body: unknown = await request.json().catch(() => null);
  return Response.json({ received: body });
});
`;

/** The places. */
export const EDGE: readonly Slot[] = [
  {
    paths: ["supabase/config.toml"],
    required: false,
    make: (context) => ({
      path: "supabase/config.toml",
      content: `project_id = "${slugOf(context.title)}"\n${
        functionNames(context).map((name) =>
          `\n[functions.${name}]\nverify_jwt = true\nentrypoint = "./functions/${name}/index.ts"\n`
        ).join("")
      }`,
    }),
  },
  {
    paths: [],
    required: true,
    applies: (context) => missingEntry(context) !== undefined,
    make: (context) => ({ path: `supabase/functions/${missingEntry(context)}/index.ts`, content: DEFAULT }),
  },
];
