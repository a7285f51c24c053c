/** What a function loads when it begins: the reading of code is no part of it, but where code is fixed. */

import assert from "node:assert/strict";
import { createGateContext } from "../../scripts/lib/gate.ts";
import { reach, readModules } from "../../scripts/lib/sharedLibrary.ts";

const CONTEXT = createGateContext(new URL("../..", import.meta.url).pathname.replace(/\/$/, ""));

/** Parts that are large, and whose work is rare. */
const HEAVY =
  /\/_shared\/(?:babelParser|codeRules\/ruleList|codeRules\/rules\/|qualityValidator|projectHealer|autoFixEngine\/askingModel|fixActions\/projectFiles\/steps)/;
/** The parser and the rules themselves are loaded with the first file, even there. */
const HEAVIEST = /\/_shared\/(?:babelParser|codeRules\/rules\/|autoFixEngine\/askingModel)/;
const FIXES_CODE = ["autonomous-corrector", "mega-mind", "mega-mind-orchestrator"];

Deno.test("no function but those that fix code loads what reads code when it begins", async () => {
  const modules = await readModules(CONTEXT);
  const entries = [...modules.keys()].filter((path) =>
    /^supabase\/functions\/[^_/][^/]*\/index\.ts$/.test(path)
  );
  assert.ok(entries.length >= 6, `${entries}`);
  for (const entry of entries) {
    const fixes = FIXES_CODE.some((name) => entry.includes(`/${name}/`));
    const loaded = [...reach(modules, entry)].filter((path) => (fixes ? HEAVIEST : HEAVY).test(path));
    assert.deepEqual(loaded, [], entry);
  }
});

Deno.test("the engine costs no more at its start for cycle 5 than the words of its kinds and the reading of projects", async () => {
  const modules = await readModules(CONTEXT);
  const own = [...reach(modules, "supabase/functions/autonomous-healing-engine/index.ts")].filter((path) =>
    /projectStore|fixActions\/(?:addFile|patchFiles|projectFiles)|cycles\/quality/.test(path)
  );
  const bytes = own.reduce((sum, path) => sum + modules.get(path)!.bytes, 0);
  assert.ok(bytes < 12_000, `${bytes} bytes: ${own.join(", ")}`);
});
