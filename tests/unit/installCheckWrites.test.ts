/** Writes of supabase-js in a project's code: which are found, and which are rewritten. */

import assert from "node:assert/strict";
import { check, rewritten } from "../helpers/installChecks.ts";

Deno.test("install --check lists writes of any client and not those of other things", async () => {
  const found = await check({
    "lib/db.ts":
      `import { createClient } from "@supabase/supabase-js";\nexport const store = createClient("u", "anon");\n`,
    "app/save.ts": `import { store } from "../lib/db";
export const save = (row: object) => store.from("notes").insert(row);
export const put = (row: object) => store.from("notes").upsert(row).select();
export const set = (row: object) => store.from("notes").update(row).eq("id", 1);
export const read = () => store.from("notes").select("*");
export const file = (f: File) => store.storage.from("files").update("a", f);
export const other = (knex: any) => knex.from("notes").insert({});
export const safe = (protectedDBCall: any) => protectedDBCall(() => store.from("notes").insert({}));
`,
  });
  assert.deepEqual(found, [2, 3, 4].map((line) => `app:${line} direct-write`));
});

const WRITING = (client: string, statements: string) =>
  `import { createClient } from "npm:@supabase/supabase-js@2.49.4";
import { withSelfHealing } from "../_shared/errorInterceptor.ts";
Deno.serve(withSelfHealing(async (req) => {
  const supabase = createClient(url, ${client});
  ${statements}
  return new Response();
}, { functionName: "chat" }));
`;
const SERVICE = `Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!`;
const CALLER =
  `Deno.env.get("SUPABASE_ANON_KEY")!, { global: { headers: { Authorization: req.headers.get("Authorization")! } } }`;
const CHECKED = "if (error) throw error;";

Deno.test("install --check --rewrite rewrites checked writes with the rights that they had", async () => {
  const update = await rewritten(
    WRITING(
      CALLER,
      `const { error } = await supabase.from("notes").update({ body }).eq("id", id).eq("owner", who.id);\n  if (error) {\n    throw new Error(error.message);\n  }`,
    ),
  );
  assert.match(
    update,
    /\n {2}await resilientDb\.update\("notes", \{ body \}, \{ id, owner: who\.id \}\);\n {2}return/,
  );
  assert.match(update, /= await initializeEnterpriseInfrastructure\(req\);/);
  const upsert = await rewritten(
    WRITING(SERVICE, `const { error } = await supabase.from("notes").upsert({ id, body });\n  ${CHECKED}`),
  );
  assert.match(upsert, /\n {2}await resilientDb\.upsert\("notes", \{ id, body \}\);\n {2}return/);
  assert.match(upsert, /initializeEnterpriseInfrastructure\(req, \{ role: "service_role" \}\);/);
});

Deno.test("install --check --rewrite leaves writes alone whose meaning would change", async () => {
  const write = (rest: string, check = CHECKED, client = SERVICE) =>
    WRITING(client, `const { error } = await supabase.from("notes").${rest};\n  ${check}`);
  for (
    const text of [
      write("insert(rows)"),
      write("insert([{ id: 1 }])"),
      write("insert({ id: 1 }).select()"),
      write("upsert({ id: 1 }, { onConflict: 'id' })"),
      write("update({ id: 1 })"),
      write('update({ id: 1 }).neq("id", 2)'),
      write("insert({ id: 1 })", "if (error) console.warn(error);"),
      write("insert({ id: 1 })", "if (error) throw error; else done();"),
      write("insert({ id: 1 })", `${CHECKED}\n  console.log(error);`),
      write("insert({ id: 1 })", ""),
      write("insert({ id: 1 })", CHECKED, `Deno.env.get("SUPABASE_ANON_KEY")!`),
      write("insert({ id: 1 })", CHECKED, "someKey"),
      WRITING(SERVICE, `await supabase.from("notes").insert({ id: 1 });`),
      WRITING(
        SERVICE,
        `const { error } = await supabase.schema("app").from("notes").insert({ id: 1 });\n  ${CHECKED}`,
      ),
    ]
  ) assert.equal(await rewritten(text), text);
});
