/** A promise that is used as if it were its value. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import type { CodeRule, Finding } from "../model.ts";
import { around, child, FUNCTIONS, list, nameOf } from "../nodes.ts";
import type { Project } from "../project.ts";
import type { Declaration } from "../scopes.ts";

const PROMISE = new Set(["then", "catch", "finally"]);

/** Waits for it, in a function that can wait. */
export const missingAwait: CodeRule = {
  name: "missing-await",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  check(file, project) {
    return file.nodes("CallExpression").flatMap((call): Finding[] => {
      if (!usesAsValue(file, call) || !givesPromise(file, project, call)) return [];
      const home = around(call, FUNCTIONS);
      const canWait = home?.async === true;
      const edits = [{ path: file.path, start: call.start, end: call.start, text: "await " }];
      return [{
        message: "A promise is used like its value",
        at: call.start,
        fix: canWait ? { description: "wait for it", confidence: 0.9, edits } : undefined,
      }];
    });
  },
};

/** Its result is a condition, or is kept in a constant of which members are read. */
function usesAsValue(file: FileModel, call: SyntaxNode): boolean {
  const parent = call.parent;
  if (parent?.type === "IfStatement") return child(parent, "test") === call;
  if (parent?.type === "UnaryExpression" && parent.operator === "!") return true;
  if (parent?.type !== "VariableDeclarator" || child(parent, "init") !== call) return false;
  const id = child(parent, "id");
  if (id?.type === "ObjectPattern" || id?.type === "ArrayPattern") return true;
  const declaration = file.names?.declarations.find(({ identifier }) => identifier === id);
  return declaration !== undefined && readsMembers(declaration);
}

function readsMembers({ references }: Declaration): boolean {
  const uses = references.map(({ node }) => {
    const parent = node.parent;
    if (isTest(parent, node)) return "test";
    if (!/MemberExpression$/.test(parent?.type ?? "") || child(parent, "object") !== node) return "other";
    return PROMISE.has(nameOf(child(parent, "property")) ?? "") ? "other" : "member";
  });
  return uses.includes("member") && !uses.includes("other");
}

/** A condition, or a comparison: a promise always holds, so that nobody asks it. */
function isTest(parent: SyntaxNode | undefined, node: SyntaxNode): boolean {
  if (parent === undefined) return false;
  if (/^(?:If|Conditional)/.test(parent.type)) return child(parent, "test") === node;
  if (parent.type === "UnaryExpression") return parent.operator === "!";
  return parent.type === "BinaryExpression" && /^[!=]==?$/.test(`${parent.operator}`);
}

/** True for a call of a function that is known to be async. */
function givesPromise(file: FileModel, project: Project, call: SyntaxNode): boolean {
  const callee = child(call, "callee");
  if (callee?.type === "MemberExpression") return isAnswerBody(file, callee) || isOwnMethod(callee);
  const name = nameOf(callee);
  if (callee?.type !== "Identifier" || name === undefined) return false;
  const declaration = file.names?.references.find(({ node }) => node === callee)?.declaration;
  if (declaration === undefined) return name === "fetch";
  if (declaration.kind === "import") return isAsyncImport(file, project, name);
  const owner = declaration.owner;
  const made = owner.type === "VariableDeclarator" ? child(owner, "init") : owner;
  if (made?.type === "CallExpression") return isAsyncRequire(file, project, name, owner);
  const isFixed = declaration.kind === "const" || declaration.kind === "function";
  return isFixed && made !== undefined && FUNCTIONS.has(made.type) && made.async === true &&
    made.generator !== true;
}

/** `response.json()` where `response` was waited for from `fetch`. */
function isAnswerBody(file: FileModel, callee: SyntaxNode): boolean {
  const method = nameOf(child(callee, "property"));
  const object = child(callee, "object");
  if (
    object?.type !== "Identifier" ||
    !["json", "text", "blob", "formData", "arrayBuffer"].includes(method ?? "")
  ) return false;
  if (isRequestParameter(file, object)) return true;
  const init = child(file.names?.references.find(({ node }) => node === object)?.declaration?.owner, "init");
  return init?.type === "AwaitExpression" && nameOf(child(child(init, "argument"), "callee")) === "fetch";
}

/** The request that a handler is given: its body is read by waiting, whatever it is read as. */
function isRequestParameter(file: FileModel, object: SyntaxNode): boolean {
  const name = nameOf(object);
  const declaration = file.names?.references.find(({ node }) => node === object)?.declaration;
  return (name === "request" || name === "req") && declaration?.kind === "param";
}

/** `const { find } = require("./db")` and `const find = require("./find")`. */
function isAsyncRequire(file: FileModel, project: Project, local: string, owner: SyntaxNode): boolean {
  const link = file.modules.links.find(({ kind, statement }) =>
    kind === "require" && statement === child(owner, "init")
  );
  const target = link === undefined ? undefined : project.resolve(file.path, link.specifier);
  if (target?.kind !== "file") return false;
  const pattern = child(owner, "id");
  const key = pattern?.type === "ObjectPattern"
    ? list(pattern, "properties").find((one) => nameOf(child(one, "value")) === local)
    : undefined;
  const name = key === undefined ? "default" : nameOf(child(key, "key")) ?? "";
  return project.file(target.path)?.outline.commonJs.get(name)?.isAsync === true;
}

const CLASSES = new Set(["ClassBody"]);

/** `this.find()` where the class has an async method of that name. */
function isOwnMethod(callee: SyntaxNode): boolean {
  if (child(callee, "object")?.type !== "ThisExpression" || callee.computed === true) return false;
  const name = nameOf(child(callee, "property"));
  const methods = list(around(callee, CLASSES), "body").filter((one) => nameOf(child(one, "key")) === name);
  return methods.length === 1 && methods[0]!.async === true && methods[0]!.type === "ClassMethod";
}

function isAsyncImport(file: FileModel, project: Project, local: string): boolean {
  for (const link of file.modules.links) {
    const name = link.names.find((one) => one.local === local);
    if (name === undefined || link.kind !== "import") continue;
    const target = project.resolve(file.path, link.specifier);
    const found = target.kind === "file" ? project.findExport(target.path, name.imported) : undefined;
    return found !== undefined && found !== "unknown" && found.isAsync;
  }
  return false;
}
