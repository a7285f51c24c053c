/**
 * The closed set of changes that a pattern may make to code. A change is a kind with words for parameters, never text
 * that goes into the code as it is, and strings and comments stay untouched.
 *
 * @module
 */

import type { ActionDraft } from "../core/fixes.ts";
import { z } from "../core/validation.ts";

const IDENTIFIER = /^[A-Za-z_$][\w$]{0,99}$/;
const identifier = z.string().regex(IDENTIFIER);

const addImport = z.strictObject({
  kind: z.literal("add_import"),
  name: identifier,
  module: z.string().regex(/^(?:node:[a-z_/]{1,50}|(?:\.{1,2}\/|@)?[\w-][\w./@-]{0,198})$/),
});
const renameIdentifier = z.strictObject({
  kind: z.literal("rename_identifier"),
  from: identifier,
  to: identifier,
});
const codeEdit = z.discriminatedUnion("kind", [addImport, renameIdentifier]);

/** More than any function's file, and little enough to be gone through in milliseconds. */
const MAX_CODE = 500_000;
/** Comments, strings and templates first; an end that is missing is the end of the code, so that this stays linear. */
const TOKEN =
  /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\[^]|[^`\\])*`?|[A-Za-z_$][\w$]*/g;

/** The changed code; null when the strategy is none of these changes, or when there is nothing to change. */
export function applyCodeEdit(strategy: ActionDraft, code: string): string | null {
  const parsed = codeEdit.safeParse(strategy);
  if (!parsed.success || code.length > MAX_CODE) return null;
  const edit = parsed.data;
  const changed = edit.kind === "add_import" ? withImport(code, edit) : withName(code, edit);
  return changed === code ? null : changed;
}

function withImport(code: string, { name, module }: z.infer<typeof addImport>): string {
  if (declares(code, name) || !isKnownModule(code, module)) return code;
  const shebang = /^#!.*\n/.exec(code)?.[0] ?? "";
  return `${shebang}import { ${name} } from "${module}";\n${code.slice(shebang.length)}`;
}

/** A package that the code does not use already is a package that somebody made up, for all that is known here. */
function isKnownModule(code: string, module: string): boolean {
  return /^(?:node:|\.{1,2}\/)/.test(module) || code.includes(`from "${module}"`) ||
    code.includes(`from '${module}'`);
}

function declares(code: string, name: string): boolean {
  const word = name.replaceAll("$", "\\$");
  return new RegExp(
    `\\b(?:import|const|let|var|function|class)\\b[^;\\n(=]{0,500}(?<![\\w$])${word}(?![\\w$])`,
  )
    .test(code);
}

function withName(code: string, { from, to }: z.infer<typeof renameIdentifier>): string {
  return code.replaceAll(TOKEN, (token) => token === from ? to : token);
}
