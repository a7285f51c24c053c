/** Lets a function find the library under another folder's name. @module */

import { applyEdits } from "../../supabase/functions/_shared/core/codeEdits.ts";
import {
  type CodeParser,
  isNode,
  loadCodeParser,
  type SyntaxNode,
} from "../../supabase/functions/_shared/core/codeSyntax.ts";
import { HealingError } from "../../supabase/functions/_shared/core/errors.ts";

let parser: Promise<CodeParser> | undefined;

/** The text with its imports of `_shared` pointing to the other folder; nothing else of it changes. */
export async function moveLibrary(text: string, shared: string): Promise<string> {
  if (shared === "_shared") return text;
  const parse = await (parser ??= loadCodeParser());
  const edits = importSources(parse(text, { typescript: true, jsx: false }).byType).flatMap((source) => {
    const moved = /^((?:\.\.\/)+)_shared\//.exec(String(source.value));
    if (moved === null) return [];
    const start = source.start + 1 + moved[1]!.length;
    return [{ start, end: start + "_shared".length, text: shared }];
  });
  const edited = await applyEdits(text, edits);
  if (edited !== null) return edited;
  throw new HealingError("INTERNAL", "An import of the library could not be moved");
}

/** The texts that name other modules, by any kind of import. */
export function importSources(byType: ReadonlyMap<string, readonly SyntaxNode[]>): SyntaxNode[] {
  const of = (type: string) => byType.get(type) ?? [];
  const declared = ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression"]
    .flatMap(of).map(({ source }) => source);
  const called = of("CallExpression").filter(({ callee }) => isNode(callee) && callee.type === "Import")
    .map((call) => (call.arguments as unknown[])[0]);
  const types = of("TSImportType").map(({ argument }) =>
    isNode(argument) && argument.type === "TSLiteralType" ? argument.literal : argument
  );
  return [...declared, ...called, ...types].filter((node): node is SyntaxNode =>
    isNode(node) && node.type === "StringLiteral"
  );
}
