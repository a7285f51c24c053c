/** A key that an object of a JSON file has twice: the last one wins, and the first is lost without a word. @module */

import type { FileModel } from "../fileModel.ts";
import type { CodeRule, Finding } from "../model.ts";
import { child, list, nameOf } from "../nodes.ts";
import { wholeLines } from "../removal.ts";

/** Takes the first one away when both have the same value. */
export const jsonDuplicateKey: CodeRule = {
  name: "json-duplicate-key",
  severity: "warning",
  autoFixable: true,
  appliesTo: ["json"],
  check(file) {
    const objects = file.json.problems.length > 0 ? [] : file.json.byType.get("ObjectExpression") ?? [];
    return objects.flatMap((object): Finding[] => {
      const seen = new Map<string, string>();
      return list(object, "properties").flatMap((one): Finding[] => {
        const [key, value] = [nameOf(child(one, "key")), child(one, "value")];
        if (key === undefined || value === undefined) return [];
        const text = file.content.slice(value.start, value.end);
        const other = seen.get(key);
        seen.set(key, text);
        if (other === undefined) return [];
        return [{
          message: `"${key}" stands twice`,
          at: one.start,
          fix: other === text ? fixOf(file, one) : undefined,
        }];
      });
    });
  },
};

function fixOf(file: FileModel, entry: { start: number; end: number }) {
  const { path, content } = file;
  const before = /,\s*$/.exec(content.slice(0, entry.start));
  if (before === null) return undefined;
  const after = /^[ \t]*,/.exec(content.slice(entry.end));
  const edit = after === null
    ? { start: before.index, end: entry.end, text: "" }
    : wholeLines(content, entry.start, entry.end + after[0].length);
  return { description: "say it once", confidence: 0.93, edits: [{ path, ...edit }] };
}
