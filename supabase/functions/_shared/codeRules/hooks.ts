/** Calls of React's hooks, and the functions that may make them. @module */

import type { SyntaxNode } from "../core/codeSyntax.ts";
import type { FileModel } from "./fileModel.ts";
import { around, calleeName, child, functionName, FUNCTIONS, isStatementOfList, list } from "./nodes.ts";
import type { Project } from "./project.ts";

/** One call of a hook. */
export interface HookCall {
  name: string;
  call: SyntaxNode;
  /** The function that makes it; undefined at the top of the file. */
  home: SyntaxNode | undefined;
}

/** The hook calls of a file; none where hooks are not React's. */
export function hookCalls(file: FileModel, project: Project): HookCall[] {
  const isReact = project.framework === "react" || project.framework === "next" ||
    file.modules.links.some(({ specifier }) => specifier === "react");
  if (!isReact || file.kind !== "script") return [];
  return file.nodes("CallExpression").flatMap((call) => {
    const name = calleeName(call)?.replace(/^React\./, "");
    return name !== undefined && /^use[A-Z]\w*$/.test(name)
      ? [{ name, call, home: around(call, FUNCTIONS) }]
      : [];
  });
}

/** True for a component or a hook, by its name. */
export function mayCallHooks(home: SyntaxNode): boolean {
  return /^(?:[A-Z]|use[A-Z])/.test(functionName(home) ?? "");
}

/** The nearest function around that may call hooks. */
export function componentAround(node: SyntaxNode): SyntaxNode | undefined {
  let home = around(node, FUNCTIONS);
  while (home !== undefined && !mayCallHooks(home)) home = around(home, FUNCTIONS);
  return home;
}

const BRANCHES: ReadonlySet<string> = new Set([
  "IfStatement",
  "ConditionalExpression",
  "LogicalExpression",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
  "SwitchCase",
]);

/** The branch or loop that decides whether a call is made; undefined when it is always made. */
export function branchAround({ call, home }: HookCall): SyntaxNode | undefined {
  let inner = call;
  for (let node = call.parent; node !== undefined && node !== home; node = node.parent) {
    const decides = BRANCHES.has(node.type) && inner !== child(node, "test") &&
      inner !== child(node, "left") &&
      inner !== child(node, "init");
    if (decides) return node;
    inner = node;
  }
  return undefined;
}

/** The statement of the function's own body that a call stands in. */
export function bodyStatement({ call, home }: HookCall): SyntaxNode | undefined {
  const body = child(home, "body");
  let node: SyntaxNode | undefined = call;
  while (node !== undefined && !(isStatementOfList(node) && node.parent === body)) node = node.parent;
  return node;
}

/** The early returns among the statements before one. */
export function returnsBefore(home: SyntaxNode, statement: SyntaxNode): SyntaxNode[] {
  return list(child(home, "body"), "body").filter((one) =>
    one.end <= statement.start && one.type === "IfStatement" && endsInReturn(child(one, "consequent"))
  );
}

function endsInReturn(node: SyntaxNode | undefined): boolean {
  const last = node?.type === "BlockStatement" ? list(node, "body").at(-1) : node;
  return last?.type === "ReturnStatement";
}
