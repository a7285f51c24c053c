/** What a site without a build needs. @module */

import { page } from "./common.ts";
import { escaped, type Slot, type SlotContext } from "./slot.ts";

function body({ title, files }: SlotContext): string {
  const scripts = files.filter(({ path }) => path.endsWith(".js") && !path.includes("node_modules"));
  const tags = scripts.map(({ path, content }) => {
    const type = /^\s*(?:import|export)\b/m.test(content) ? ' type="module"' : " defer";
    return `\n    <script src="${path}"${type}></script>`;
  });
  return `    <main>\n      <h1>${escaped(title)}</h1>\n    </main>${tags.join("")}`;
}

/** The places. */
export const STATIC_PAGE: readonly Slot[] = [{
  paths: ["index.html"],
  required: true,
  make: (context) => {
    const sheets = context.files.filter(({ path }) => path.endsWith(".css"));
    const head = sheets.map(({ path }) => `    <link rel="stylesheet" href="${path}" />\n`).join("");
    return { path: "index.html", content: page(context.title, body(context), head) };
  },
}];
