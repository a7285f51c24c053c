/** A list of elements without keys. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeFix, CodeRule, FileEdit, Finding } from "../model.ts";
import { child, list, nameOf } from "../nodes.ts";

const TRANSPARENT = new Set(["LogicalExpression", "ConditionalExpression", "ParenthesizedExpression"]);
const IDS = ["id", "_id", "uuid", "key", "slug"];

/** Gives them the item's id where the element uses it, else the index, which is what React takes without a key. */
export const missingKey: CodeRule = {
  name: "missing-key",
  severity: "warning",
  autoFixable: true,
  appliesTo: ["script"],
  check(file) {
    const other = file.modules.links.some(({ specifier }) =>
      /^(?:solid-js|preact|@builder\.io\/qwik)/.test(specifier)
    );
    if (other || !/[jt]sx?$/.test(file.path)) return [];
    return file.nodes("CallExpression").flatMap((call): Finding[] => {
      const callback = isMapInJsx(call) ? list(call, "arguments")[0] : undefined;
      const element = callback === undefined ? undefined : returned(callback);
      if (callback === undefined || element === undefined || hasKey(element)) return [];
      const fix = fixOf(file, callback, element);
      return [{ message: "The elements of a list need keys", at: element.start, fix }];
    });
  },
};

function isMapInJsx(call: SyntaxNode): boolean {
  const callee = child(call, "callee");
  if (!/MemberExpression$/.test(callee?.type ?? "") || nameOf(child(callee, "property")) !== "map") {
    return false;
  }
  let parent = call.parent;
  while (parent !== undefined && TRANSPARENT.has(parent.type)) parent = parent.parent;
  return parent?.type === "JSXExpressionContainer" &&
    /^JSX(?:Element|Fragment)$/.test(parent.parent?.type ?? "");
}

function returned(callback: SyntaxNode): SyntaxNode | undefined {
  let value = child(callback, "body");
  if (value?.type === "BlockStatement") {
    const last = list(value, "body").at(-1);
    value = last?.type === "ReturnStatement" ? child(last, "argument") : undefined;
  }
  while (value?.type === "ParenthesizedExpression") value = child(value, "expression");
  return value?.type === "JSXElement" || value?.type === "JSXFragment" ? value : undefined;
}

function hasKey(element: SyntaxNode): boolean {
  return list(child(element, "openingElement"), "attributes").some((one) =>
    one.type === "JSXSpreadAttribute" || nameOf(child(one, "name")) === "key"
  );
}

function fixOf(file: FileModel, callback: SyntaxNode, element: SyntaxNode): CodeFix | undefined {
  const key = keyOf(file, callback, element);
  const name = child(child(element, "openingElement"), "name");
  if (key === undefined) return undefined;
  const edits = [...key.edits];
  if (name !== undefined) {
    const at = child(child(element, "openingElement"), "typeParameters")?.end ?? name.end;
    edits.push({ path: file.path, start: at, end: at, text: ` key={${key.text}}` });
  } else {
    const fragment = fragmentName(file);
    const [open, close] = [child(element, "openingFragment"), child(element, "closingFragment")];
    if (fragment === undefined || open === undefined || close === undefined) return undefined;
    edits.push({
      path: file.path,
      start: open.start,
      end: open.end,
      text: `<${fragment} key={${key.text}}>`,
    });
    edits.push({ path: file.path, start: close.start, end: close.end, text: `</${fragment}>` });
  }
  return { description: `key the elements by ${key.text}`, confidence: key.confidence, edits };
}

function fragmentName(file: FileModel): string | undefined {
  if (file.names?.root.names.has("Fragment") === true) return "Fragment";
  return file.names?.root.names.has("React") === true ? "React.Fragment" : undefined;
}

function keyOf(file: FileModel, callback: SyntaxNode, element: SyntaxNode) {
  const [item, index] = list(callback, "params");
  const id = item === undefined ? undefined : idOf(file, item, element);
  if (id !== undefined) return { text: id, confidence: 0.9, edits: [] as FileEdit[] };
  if (index !== undefined) {
    const name = index.type === "Identifier" ? nameOf(index) : undefined;
    return name === undefined ? undefined : { text: name, confidence: 0.83, edits: [] };
  }
  if (item === undefined) return undefined;
  const name = file.names?.references.some((one) => one.name === "index") === true ? "itemIndex" : "index";
  return { text: name, confidence: 0.82, edits: indexEdits(file, item, name) };
}

/** The item's id, when the element itself shows that there is one. */
function idOf(file: FileModel, item: SyntaxNode, element: SyntaxNode): string | undefined {
  if (item.type === "ObjectPattern") {
    const names = list(item, "properties").map((one) => nameOf(child(one, "value")));
    return IDS.find((id) => names.includes(id));
  }
  const name = nameOf(item);
  const text = file.text(element);
  return name === undefined
    ? undefined
    : IDS.map((id) => `${name}.${id}`).find((path) => mentions(text, path));
}

function mentions(text: string, path: string): boolean {
  const at = text.indexOf(path);
  return at !== -1 && !/[\w$.]/.test(text[at - 1] ?? "") && !/[\w$(]/.test(text[at + path.length] ?? "");
}

function indexEdits(file: FileModel, item: SyntaxNode, name: string): FileEdit[] {
  const start = item.start;
  const end = item.end;
  const isBare = !/[(,]\s*$/.test(file.content.slice(0, start)) || /^\s*=>/.test(file.content.slice(end));
  const { path } = file;
  return isBare
    ? [{ path, start, end: start, text: "(" }, { path, start: end, end, text: `, ${name})` }]
    : [{ path, start: end, end, text: `, ${name}` }];
}
