/** Types in a file of JavaScript. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import { type Candidate, repairRule } from "../repair.ts";

const ERASED = new Set([
  "TSTypeAnnotation",
  "TSTypeParameterDeclaration",
  "TSTypeParameterInstantiation",
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
]);
const KEPT = new Set([
  "TSEnumDeclaration",
  "TSModuleDeclaration",
  "TSParameterProperty",
  "TSImportEqualsDeclaration",
]);

/** Takes the types away when nothing else of TypeScript is in the file. */
export const typescriptInJavascript = repairRule(
  "typescript-in-javascript",
  ({ file, text }): Candidate[] => {
    if (!/\.[cm]?jsx?$/.test(file.path)) return [];
    const typed = file.parseAs(text, true);
    if (typed.program === null || typed.problems.length > 0) return [];
    if ([...typed.byType.keys()].some((type) => KEPT.has(type))) return [];
    const edits = [...typed.byType].flatMap(([type, nodes]) =>
      nodes.flatMap((node) => erasure(text, type, node))
    );
    const outer = edits.filter((one) =>
      !edits.some((other) => other !== one && other.start <= one.start && one.end <= other.end)
    );
    return outer.length === 0
      ? []
      : [{ description: "Types are not part of JavaScript", confidence: 0.88, edits: outer }];
  },
);

function erasure(text: string, type: string, node: SyntaxNode) {
  if (type === "TSAsExpression" || type === "TSSatisfiesExpression" || type === "TSNonNullExpression") {
    const inner = node.expression as SyntaxNode;
    return [{ start: inner.end, end: node.end, text: "" }];
  }
  if (type === "ImportDeclaration" && node.importKind === "type") return [lines(text, node.start, node.end)];
  if (!ERASED.has(type)) return [];
  if (!/Declaration$/.test(type) || type === "TSTypeParameterDeclaration") {
    const mark = type === "TSTypeAnnotation" && text[node.start - 1] === "?" ? 1 : 0;
    return [{ start: node.start - mark, end: node.end, text: "" }];
  }
  const statement = /^Export/.test(node.parent?.type ?? "") ? node.parent! : node;
  return [lines(text, statement.start, statement.end)];
}

/** A declaration goes with its lines and with one blank line behind. */
function lines(text: string, start: number, end: number) {
  const rest = /^[ \t]*\r?\n(?:[ \t]*\r?\n)?/.exec(text.slice(end));
  return { start, end: end + (rest?.[0].length ?? 0), text: "" };
}
