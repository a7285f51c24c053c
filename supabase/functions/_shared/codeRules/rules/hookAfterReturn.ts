/** A hook that stands behind an early return. @module */

import type { SyntaxNode } from "../../core/codeSyntax.ts";
import type { FileModel } from "../fileModel.ts";
import { bodyStatement, branchAround, type HookCall, hookCalls, returnsBefore } from "../hooks.ts";
import type { CodeFix, CodeRule, Finding } from "../model.ts";
import { child, contains, list } from "../nodes.ts";
import { wholeLines } from "../removal.ts";

/** Moves the return behind the last hook when nothing between them depends on it. */
export const hookAfterReturn: CodeRule = {
  name: "hook-after-return",
  severity: "error",
  autoFixable: true,
  appliesTo: ["script"],
  check(file, project) {
    const hooks = hookCalls(file, project).filter((hook) =>
      hook.home !== undefined && branchAround(hook) === undefined
    );
    return hooks.flatMap((hook): Finding[] => {
      const statement = bodyStatement(hook);
      const returns = statement === undefined ? [] : returnsBefore(hook.home!, statement);
      if (returns.length === 0) return [];
      const fix = fixOf(file, hook, hooks.filter(({ home }) => home === hook.home), returns);
      return [{ message: `${hook.name} is not called after the early return`, at: hook.call.start, fix }];
    });
  },
};

function fixOf(
  file: FileModel,
  { home }: HookCall,
  hooks: HookCall[],
  returns: SyntaxNode[],
): CodeFix | undefined {
  const statements = list(child(home, "body"), "body");
  const lastHook = hooks.map(bodyStatement).findLast((one) => one !== undefined)!;
  const first = returns[0]!;
  const between = statements.filter((one) =>
    one.start >= first.end && one.end <= lastHook.end && !returns.includes(one)
  );
  const isHook = (one: SyntaxNode) => hooks.some(({ call }) => contains(one, call));
  if (!between.every(isHook) || returns.some((one) => dependsOn(file, one, between))) return undefined;
  const moved = returns.map((one) => file.content.slice(file.lineStart(one.start), one.end)).join("\n");
  const edits = returns.map((one) => ({ path: file.path, ...withGap(file.content, one) }));
  const end = lastHook.end;
  edits.push({ path: file.path, start: end, end, text: `\n\n${moved}` });
  return { description: "return early behind the hooks", confidence: 0.86, edits };
}

/** What the return rules out must not be what the hooks rely on, and what they declare must not be its own. */
function dependsOn(file: FileModel, early: SyntaxNode, hooks: SyntaxNode[]): boolean {
  const names = (node: SyntaxNode) =>
    new Set((file.names?.references ?? []).filter((one) => contains(node, one.node)).map(({ name }) => name));
  const ruledOut = names(child(early, "test")!);
  return hooks.some((one) => [...names(one)].some((name) => ruledOut.has(name)));
}

function withGap(text: string, node: SyntaxNode) {
  const edit = wholeLines(text, node.start, node.end);
  const gap = /^[ \t]*\r?\n/.exec(text.slice(edit.end));
  return gap === null ? edit : { ...edit, end: edit.end + gap[0].length };
}
