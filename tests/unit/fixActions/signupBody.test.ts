import assert from "node:assert/strict";
import { qualifyName } from "../../../supabase/functions/_shared/fixActions/signupTrigger/body.ts";

Deno.test("qualifyName() writes a name in full where it stands for the thing, and nowhere else", () => {
  const body = `-- insert into profiles
    insert into profiles (id) select 'from profiles' from "profiles" p join public.profiles o on profiles.id = p.id;
    /* update profiles */ update PROFILES set profiles = 1;`;
  assert.equal(
    qualifyName(body, "relation", "profiles", "public"),
    body.replace("insert into profiles (id)", "insert into public.profiles (id)")
      .replace('from "profiles" p', 'from public."profiles" p').replace(
        "update PROFILES",
        "update public.PROFILES",
      ),
  );
  assert.equal(
    qualifyName("x := digest(a) || o.digest(b);", "function", "digest", "extensions"),
    "x := extensions.digest(a) || o.digest(b);",
  );
  assert.equal(qualifyName("a mood; b := c::mood;", "type", "mood", "My"), 'a "My".mood; b := c::"My".mood;');
  assert.equal(qualifyName("select 1", "relation", "profiles", "public"), "select 1");
});
