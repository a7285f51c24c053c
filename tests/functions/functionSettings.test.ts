import assert from "node:assert/strict";
import { type FunctionSettings, readFunctions } from "../../scripts/stack/functionSettings.ts";

/** A project with these files, as the functions of its `functions` folder are read. */
async function read(files: Record<string, string>): Promise<Map<string, FunctionSettings>> {
  const project = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${project}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${project}/${path}`, text);
    }
    const functions = await readFunctions([`${project}/functions`]);
    return new Map([...functions].map(([name, settings]) => [name, relative(settings, project)]));
  } finally {
    await Deno.remove(project, { recursive: true });
  }
}

function relative({ entrypoint, importMap, ...rest }: FunctionSettings, project: string): FunctionSettings {
  return {
    ...rest,
    entrypoint: entrypoint.replace(`${project}/`, ""),
    importMap: importMap?.replace(`${project}/`, ""),
  };
}

Deno.test("readFunctions() takes each folder with an index.ts and a fitting name, and verifies tokens by default", async () => {
  const functions = await read({
    "functions/one/index.ts": "",
    "functions/_shared/index.ts": "",
    "functions/no-index/handler.ts": "",
    "functions/9lives/index.ts": "",
    "functions/two_2-x/index.ts": "",
    "functions/two_2-x/deno.json": "{}",
  });
  assert.deepEqual([...functions.values()], [
    { name: "one", entrypoint: "functions/one/index.ts", importMap: undefined, verifyJwt: true },
    {
      name: "two_2-x",
      entrypoint: "functions/two_2-x/index.ts",
      importMap: "functions/two_2-x/deno.json",
      verifyJwt: true,
    },
  ]);
});

Deno.test("readFunctions() follows config.toml beside the folder, whatever else of TOML it uses", async () => {
  const functions = await read({
    "config.toml": `project_id = "x"
      [api]
      schemas = [
        "public", # on several lines
      ]
      [functions]
      other = { verify_jwt = false }
      [functions.chat]
      verify_jwt = false
      entrypoint = "./functions/chat/main.ts"
      import_map = "./functions/deno.json"
      static_files = ["./functions/chat/*.html"]
      [functions.off]
      enabled = false
      [functions.ghost]
      verify_jwt = true`,
    "functions/chat/index.ts": "",
    "functions/off/index.ts": "",
    "functions/other/index.ts": "",
  });
  assert.deepEqual([...functions.keys()], ["chat", "other"]);
  assert.deepEqual(functions.get("chat"), {
    name: "chat",
    entrypoint: "functions/chat/main.ts",
    importMap: "functions/deno.json",
    verifyJwt: false,
  });
  assert.equal(functions.get("other")?.verifyJwt, false);
});

Deno.test("readFunctions() prefers a config.toml in the folder itself", async () => {
  const functions = await read({
    "config.toml": "[functions.one]\nverify_jwt = true",
    "functions/config.toml": '[functions.one]\nverify_jwt = false\nimport_map = "../deno.json"',
    "functions/one/index.ts": "",
  });
  assert.deepEqual([functions.get("one")?.verifyJwt, functions.get("one")?.importMap], [false, "deno.json"]);
});

Deno.test("readFunctions() refuses settings that it cannot read instead of guessing", async () => {
  for (const text of ["[functions.one", "[functions.one]\nverify_jwt = 'no'", "functions = 7"]) {
    const attempt = read({ "config.toml": text, "functions/one/index.ts": "" });
    await assert.rejects(attempt, { code: "CONFIG_MISSING" }, text);
  }
});
