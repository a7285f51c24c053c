/** The same name declared twice. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { statementOf } from "../nodes.ts";
import { wholeLines } from "../removal.ts";
import type { Declaration } from "../scopes.ts";

/** Takes the second one away when both say the same; which of two different ones is meant, nobody can tell. */
export const duplicateDeclaration: CodeRule = {
  name: "duplicate-declaration",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  readsBroken: true,
  check(file) {
    const places = new Set(file.tree.problems.filter(isRedeclaration).map(({ at }) => at));
    return (file.names?.declarations ?? []).filter(({ identifier, kind }) =>
      places.has(identifier.start) && kind !== "import"
    ).map((second): Finding => ({
      message: `${second.name} is declared twice`,
      at: second.identifier.start,
      fix: fixOf(file, second),
    }));
  },
};

/** The parser's words for it. */
export function isRedeclaration({ reason }: { reason: string }): boolean {
  return reason === "VarRedeclaration" || reason === "DuplicateExport" || reason === "DuplicateDefaultExport";
}

function fixOf(file: FileModel, second: Declaration): CodeFix | undefined {
  const others = second.scope.names.get(second.name) ?? [];
  const first = others.find((one) => one !== second);
  if (first === undefined) return undefined;
  const [one, other] = [statementOf(first.identifier), statementOf(second.identifier)];
  if (one === undefined || other === undefined || one === other) return undefined;
  if (plainText(file, one) !== plainText(file, other)) return undefined;
  // Of an exported and a private one, the exported one stays.
  const extra = isExport(other) && !isExport(one) ? one : other;
  const edit = wholeLines(file.content, leadStart(file, extra), extra.end);
  return {
    description: `remove the second ${second.name}`,
    confidence: 0.92,
    edits: [{ ...edit, path: file.path }],
  };
}

function isExport({ type }: SyntaxNode): boolean {
  return type.startsWith("Export");
}

function plainText(file: FileModel, node: SyntaxNode): string {
  return file.text(node).replace(/^export\s+(?:default\s+)?/, "").replace(/;$/, "").replace(/\s+/g, " ");
}

/** With the blank line before it, so that no gap is left. */
function leadStart(file: FileModel, node: SyntaxNode): number {
  const gap = /\n([ \t]*\r?\n)[ \t]*$/.exec(file.content.slice(0, node.start));
  const after = /^[ \t;]*\r?\n[ \t]*(?:\r?\n|$)/.test(file.content.slice(node.end)) ||
    file.content.slice(node.end).trim() === "";
  return gap !== null && after ? node.start - (gap[0].length - 1) : node.start;
}
