/** A style attribute that is text: React takes an object, and fails on text. @module */

import type { CodeFix, CodeRule, Finding } from "../model.ts";
import type { FileModel } from "../fileModel.ts";
import type { SyntaxNode } from "../../core/codeSyntax.ts";
import { child, nameOf } from "../nodes.ts";

/** Writes the same declarations as an object. */
export const jsxStyleString: CodeRule = {
  name: "jsx-style-string",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    if (project.framework !== "react" && project.framework !== "next") return [];
    return file.nodes("JSXAttribute").flatMap((attribute): Finding[] => {
      const value = child(attribute, "value");
      const element = nameOf(child(attribute.parent, "name")) ?? "";
      if (
        nameOf(child(attribute, "name")) !== "style" || value?.type !== "StringLiteral" ||
        !/^[a-z][a-z0-9]*$/.test(element)
      ) return [];
      return [{ message: "React takes a style as an object", at: attribute.start, fix: fixOf(file, value) }];
    });
  },
};

function fixOf(file: FileModel, value: SyntaxNode): CodeFix | undefined {
  const entries = `${value.value}`.split(";").map((one) => one.trim()).filter(Boolean).map(entryOf);
  if (entries.includes(null)) return undefined;
  const text = entries.length === 0 ? "{{}}" : `{{ ${entries.join(", ")} }}`;
  const edits = [{ path: file.path, start: value.start, end: value.end, text }];
  return { description: "write the style as an object", confidence: 0.92, edits };
}

function entryOf(declaration: string): string | null {
  const found = /^(--[\w-]+|-?[a-z-]+)\s*:\s*([^"\\]+)$/.exec(declaration);
  if (found === null) return null;
  const [, name = "", value = ""] = found;
  const key = name.startsWith("--")
    ? JSON.stringify(name)
    : name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `${key}: ${JSON.stringify(value.trim())}`;
}
