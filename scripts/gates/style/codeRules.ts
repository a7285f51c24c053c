/** The style rules that need the syntax tree. @module */

import { lineOf, ts, walkTree } from "../../lib/typescript.ts";
import type { Finding } from "./finding.ts";

interface Rule {
  name: string;
  problem: string;
  appliesTo(path: string): boolean;
  matches(node: ts.Node): boolean;
}

const WRITERS = new Set(["supabase/functions/_shared/core/logger.ts", "scripts/lib/print.ts"]);

const RULES: readonly Rule[] = [
  {
    name: "any",
    problem: "says any: use unknown and narrow it",
    appliesTo: () => true,
    matches: (node) => node.kind === ts.SyntaxKind.AnyKeyword,
  },
  {
    name: "console",
    problem: "writes to the console: use a Logger, or print() in a script",
    appliesTo: (path) => !WRITERS.has(path),
    matches: isConsole,
  },
  {
    name: "default-export",
    problem: "exports a default: export it by name",
    appliesTo: (path) => path.startsWith("supabase/functions/_shared/"),
    matches: isDefaultExport,
  },
  {
    name: "sleep",
    problem: "sleeps: use a fake clock or wait for a condition",
    appliesTo: (path) => path.startsWith("tests/") && !path.startsWith("tests/helpers/"),
    matches: isSleep,
  },
  {
    name: "top-level-arrow",
    problem: "is a constant that holds a function: declare it with function",
    appliesTo: (path) => !path.startsWith("tests/"),
    matches: isTopLevelArrow,
  },
];

/** Every place of a file that breaks a rule. */
export function ruleFindings(path: string, tree: ts.SourceFile): Finding[] {
  const rules = RULES.filter((rule) => rule.appliesTo(path));
  const findings: Finding[] = [];
  walkTree(tree, (node) => {
    for (const { name, problem } of rules.filter((rule) => rule.matches(node))) {
      findings.push({ rule: name, line: lineOf(node), problem });
    }
  });
  return findings;
}

function isConsole(node: ts.Node): boolean {
  return (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
    /^(globalThis\.)?console$/.test(node.expression.getText());
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === "default";
  return node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
}

function isSleep(node: ts.Node): boolean {
  return ts.isCallExpression(node) &&
    /^((globalThis\.)?setTimeout|delay|sleep|systemClock\.sleep)$/.test(node.expression.getText());
}

function isTopLevelArrow(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node) || node.initializer === undefined) return false;
  const isFunction = ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer);
  return isFunction && ts.isSourceFile(node.parent.parent.parent);
}
