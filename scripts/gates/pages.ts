/**
 * Fails when a page says what is not so: a block that no test runs, a command, option, file, name or link that is
 * not there.
 *
 * @module
 */

import { type Block, blocksOf, isPage } from "../lib/documents.ts";
import type { Gate, GateContext } from "../lib/gate.ts";
import { checkCommands } from "./pages/commands.ts";
import { checkLinks } from "./pages/links.ts";
import { checkNames } from "./pages/names.ts";

/** The gate. */
export const pagesGate: Gate = {
  name: "pages",
  run: async (context) => [
    ...await checkBlocks(context),
    ...await checkCommands(context),
    ...await checkLinks(context),
    ...await checkNames(context),
  ],
};

/** Languages whose blocks a test runs, all of them and without naming one: pagesExamples, pagesSql, pagesCommands. */
const RUN = ["ts", "sql", "sh"];

async function checkBlocks(context: GateContext): Promise<string[]> {
  const pages = (await context.files()).filter(isPage);
  const blocks = await Promise.all(pages.map(async (page) => blocksOf(page, await context.read(page))));
  return blocks.flat().flatMap((block) => {
    const problem = judge(block);
    return problem === undefined ? [] : [`${block.page}:${block.line}: ${problem}`];
  });
}

function judge({ language, code, reason }: Block): string | undefined {
  if (RUN.includes(language) || reason !== undefined) return undefined;
  if (language === "json") return isJson(code) ? undefined : "is no JSON";
  const what = language === "" ? "a block without a language" : `a block of ${language}`;
  return `no test runs ${what}: make it one of ${RUN.join(", ")}, or write <!-- not run: why --> before it`;
}

function isJson(code: string): boolean {
  try {
    JSON.parse(code);
    return true;
  } catch {
    return false;
  }
}
