/** `await` in a function that is not async. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import { mayCallHooks } from "../hooks.ts";
import type { CodeRule, Finding } from "../model.ts";
import { around, calleeName, child, FUNCTIONS } from "../nodes.ts";
import { asyncBodyEdits } from "./asyncEffect.ts";

/** Makes the function async; an effect gets an async function inside, and a component stays as it is. */
export const awaitInSyncFunction: CodeRule = {
  name: "await-in-sync-function",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script", "vue", "svelte"],
  readsBroken: true,
  check(file) {
    const places = new Set(
      file.tree.problems.filter(({ reason }) => reason === "AwaitNotInAsyncContext").map(({ at }) => at),
    );
    if (places.size === 0) return [];
    const homes = new Map<SyntaxNode, number>();
    for (const node of [...file.nodes("AwaitExpression"), ...file.nodes("ForOfStatement")]) {
      const home = around(node, FUNCTIONS);
      const isHit = [...places].some((at) => node.start <= at && at <= node.start + 10);
      if (home !== undefined && isHit && !homes.has(home)) homes.set(home, node.start);
    }
    return [...homes].map(([home, at]): Finding => ({
      message: "await stands in a function that is not async",
      at,
      fix: fixOf(file, home),
    }));
  },
};

function fixOf(file: FileModel, home: SyntaxNode) {
  const { path } = file;
  const isEffect = home.parent?.type === "CallExpression" &&
    /^(?:React\.)?use(?:Layout|Insertion)?Effect$/.test(calleeName(home.parent) ?? "");
  if (isEffect) {
    const edits = asyncBodyEdits(file, home);
    return edits === null
      ? undefined
      : { description: "wait in a function of the effect's own", confidence: 0.86, edits };
  }
  const cannot = home.kind === "constructor" || home.kind === "get" || home.kind === "set" ||
    home.generator === true;
  const isHook = /^use[A-Z]/.test(`${child(home, "id")?.name ?? ""}`);
  if (
    cannot || isHook ||
    (mayCallHooks(home) && hasJsx(file, home) && file.path.match(/[jt]sx$/) !== null && isClient(file))
  ) return undefined;
  const at = startOf(file, home);
  return {
    description: "make the function async",
    confidence: 0.9,
    edits: [{ path, start: at, end: at, text: "async " }],
  };
}

function startOf(file: FileModel, home: SyntaxNode): number {
  if (home.type !== "ClassMethod" || home.static !== true) return home.start;
  return home.start + file.text(home).indexOf("static") + "static ".length;
}

function hasJsx(file: FileModel, home: SyntaxNode): boolean {
  return [...file.nodes("JSXElement"), ...file.nodes("JSXFragment")].some(({ start }) =>
    start > home.start && start < home.end
  );
}

/** A component on the server may wait. */
function isClient(file: FileModel): boolean {
  const isRoute = /(?:^|\/)app\/(?:.*\/)?(?:page|layout|template|default)\.[jt]sx$/.test(file.path);
  return !isRoute || file.content.includes("use client");
}
