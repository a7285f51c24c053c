/** The links of a page lead to a file of the project, and to a heading that it has. @module */

import { isPage, wordsOf } from "../../lib/documents.ts";
import type { GateContext } from "../../lib/gate.ts";

/** What is wrong with the links of all pages. */
export async function checkLinks(context: GateContext): Promise<string[]> {
  const pages = (await context.files()).filter(isPage);
  const problems: string[] = [];
  for (const page of pages) {
    for (const { line, target } of linksOf(await context.read(page))) {
      if (!await leadsSomewhere(context, page, target)) {
        problems.push(`${page}:${line}: the link ${target} leads nowhere`);
      }
    }
  }
  return problems;
}

function linksOf(text: string): { line: number; target: string }[] {
  return wordsOf(text).split("\n").flatMap((words, index) =>
    [...words.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ line: index + 1, target: target! }))
  ).filter(({ target }) => !/^[a-z]+:/.test(target));
}

async function leadsSomewhere(context: GateContext, page: string, target: string): Promise<boolean> {
  const [path, anchor] = target.split("#") as [string, string | undefined];
  const file = path === "" ? page : new URL(path, `file:///${page}`).pathname.slice(1);
  const files = await context.files();
  if (!files.includes(file)) {
    return anchor === undefined && files.some((known) => known.startsWith(`${file}/`));
  }
  if (anchor === undefined) return true;
  const headings = [...(await context.read(file)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    slug(heading!)
  );
  return headings.includes(anchor);
}

/** As GitHub names a heading. */
function slug(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}
