/** The pages of this project and their blocks, for tests that run them. @module */

import { type Block, blocksOf, isPage } from "../../scripts/lib/documents.ts";
import { listFiles } from "../../scripts/lib/gate.ts";

/** The folder of the project, with a slash at its end. */
export const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** The blocks of one language by page; those with a reason are not to be run. */
export async function blocksByPage(language: string): Promise<Map<string, Block[]>> {
  const pages = (await listFiles(ROOT.slice(0, -1))).filter(isPage);
  const found = await Promise.all(pages.map(async (page) => {
    const text = await Deno.readTextFile(ROOT + page);
    return [page, blocksOf(page, text).filter((block) => block.language === language)] as const;
  }));
  return new Map(found.filter(([, blocks]) => blocks.length > 0));
}
