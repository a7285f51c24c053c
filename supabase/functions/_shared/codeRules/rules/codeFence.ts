/** A file that is wrapped in the fence of a chat message. @module */

import type { CodeRule } from "../model.ts";

const FENCED =
  /^\s*(?:[^\n`]{0,200}\n\s*)?(`{3,})[\w+.-]*[ \t]*\r?\n([^]*?)\r?\n\1[ \t]*(?:\r?\n[^]{0,2000})?$/;

/** Takes the fence away, and what was said around it. */
export const codeFence: CodeRule = {
  name: "code-fence",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte", "json", "css", "html"],
  readsBroken: true,
  check(file) {
    const fenced = FENCED.exec(file.content) ?? /^\s*(`{3,})\w+[ \t]*\r?\n([^]*)$/.exec(file.content);
    if (fenced === null) return [];
    const isClosed = new RegExp(`\n${fenced[1]}[ \t]*(?:\r?\n|$)`).test(file.content);
    const start = file.content.indexOf("\n", file.content.indexOf(fenced[1]!)) + 1;
    const end = isClosed ? start + fenced[2]!.length : file.content.length;
    const edits = [{ path: file.path, start: 0, end: start, text: "" }];
    if (isClosed) edits.push({ path: file.path, start: end, end: file.content.length, text: "\n" });
    return [{
      message: "The file is wrapped in a code fence",
      at: 0,
      fix: { description: "take the fence away", confidence: 0.97, edits },
    }];
  },
};
