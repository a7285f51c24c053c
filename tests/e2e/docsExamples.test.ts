import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);
const DOCUMENTS = [
  "docs/healing-in-functions.md",
  "docs/language-models.md",
  "docs/reading-and-files.md",
  "docs/writing.md",
];

/** The examples of a document as programs, with the library where it is. */
async function examplesOf(document: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(document, ROOT));
  const library = new URL("supabase/functions/_shared/", ROOT).href;
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) =>
    code!.replaceAll("../_shared/", library)
  );
}

async function deno(...args: string[]): Promise<string> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT.pathname,
    env: { OPENAI_API_KEY: "", NO_COLOR: "1" },
    stdout: "null",
  }).output();
  return code === 0 ? "" : new TextDecoder().decode(stderr);
}

for (const document of DOCUMENTS) {
  Deno.test(`the examples of ${document} have the right types, and run`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      const examples = await examplesOf(document);
      assert.ok(examples.length > 0);
      for (const [index, code] of examples.entries()) {
        const file = `${directory}/example${index}.ts`;
        await Deno.writeTextFile(file, `${code}\nexport {};\n`);
        assert.equal(await deno("check", "--config", "deno.json", file), "", `example ${index}`);
        // A server would run for ever.
        if (code.includes("Deno.serve")) continue;
        assert.equal(
          await deno("run", "--no-check", "--allow-env", "--allow-read", file),
          "",
          `example ${index}`,
        );
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
