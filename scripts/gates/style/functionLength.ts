/** How long functions are: the measure that follows best whether code is pleasant to read. @module */

import { lineOf, ts, walkTree } from "../../lib/typescript.ts";
import type { Finding } from "./finding.ts";

const MAX_LENGTH = 40;
const MAX_P90 = 30;

/** The length of every function with a body, and those that are too long. */
export function measureFunctions(
  path: string,
  tree: ts.SourceFile,
): { lengths: number[]; findings: Finding[] } {
  const lengths: number[] = [];
  const findings: Finding[] = [];
  walkTree(tree, (node) => {
    if (!hasBlockBody(node) || (path.startsWith("tests/") && isCallback(node))) return;
    const length = tree.getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(node);
    lengths.push(length);
    if (length > MAX_LENGTH) {
      const problem = `is a function of ${length} lines, and ${MAX_LENGTH} is the most: name its parts`;
      findings.push({ rule: "long-function", line: lineOf(node), problem });
    }
  });
  return { lengths, findings };
}

function hasBlockBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined &&
    ts.isBlock(node.body as ts.Node);
}

/** The body of a test is a story and may be longer than a function that others call. */
function isCallback(node: ts.Node): boolean {
  return ts.isArrowFunction(node) && !ts.isVariableDeclaration(node.parent);
}

/** One line for the reader, and a problem when the 90th percentile is over its limit. */
export function summarise(lengths: number[]): { summary: string; problem: string | undefined } {
  const sorted = lengths.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const p90 = at(0.9);
  return {
    summary: `${sorted.length} functions: median ${at(0.5)} lines, 90th percentile ${p90}, longest ${at(1)}`,
    problem: p90 > MAX_P90
      ? `The 90th percentile of function length is ${p90} lines, and ${MAX_P90} is the most: split the long ones`
      : undefined,
  };
}
