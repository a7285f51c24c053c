/** The demo heals all of its stories, and the README shows them as it prints them. */

import assert from "node:assert/strict";
import { blocksOf } from "../../scripts/lib/documents.ts";
import { ROOT } from "../helpers/pages.ts";

/** Times and ids differ from run to run. */
function comparable(text: string): string[] {
  return text.replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<id>")
    .replaceAll(/\d+ ms\b/g, "<time>").split("\n");
}

Deno.test("deno task demo heals every story, and prints what the README shows", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const printed = comparable(new TextDecoder().decode(stdout));
  assert.equal(code, 0, printed.join("\n"));
  const shown = blocksOf("README.md", await Deno.readTextFile(`${ROOT}README.md`))
    .filter(({ language }) => language === "text");
  assert.equal(shown.length, 1);
  for (const line of comparable(shown[0]!.code)) assert.ok(printed.includes(line), line);
});
