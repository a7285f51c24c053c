/**
 * Says whether a generated project is whole: the files that its framework needs, and what is wrong with those that are
 * there. What is missing can be made, as small as it may be and still build; a file that is there is never touched.
 *
 * @module
 */

import { assertProjectFiles, type ProjectFile } from "./core/projectPaths.ts";
import { HealingError } from "./core/errors.ts";
import { type CodeIssue, findIssues, openProject } from "./codeRules.ts";
import { EDGE } from "./qualityValidator/edge.ts";
import { NEXT } from "./qualityValidator/next.ts";
import { NODE } from "./qualityValidator/node.ts";
import { REACT_VITE } from "./qualityValidator/reactVite.ts";
import type { Slot, SlotContext } from "./qualityValidator/slot.ts";
import { STATIC_PAGE } from "./qualityValidator/staticPage.ts";
import { SVELTE } from "./qualityValidator/svelte.ts";
import { VUE } from "./qualityValidator/vue.ts";

/** A framework whose projects are known. */
export type ProjectKind = "react-vite" | "next" | "vue" | "svelte" | "node" | "static" | "edge";

const SLOTS: Readonly<Record<ProjectKind, readonly Slot[]>> = {
  "react-vite": REACT_VITE,
  next: NEXT,
  vue: VUE,
  svelte: SVELTE,
  node: NODE,
  static: STATIC_PAGE,
  edge: EDGE,
};

/** A project below this score is healed. */
export const LEAST_SCORE = 70;

/** What was found. */
export interface QualityReport {
  /** Nothing that is needed is missing, no file fails to parse, and the score is high enough. */
  passed: boolean;
  /** 0 to 100. */
  qualityScore: number;
  /** The places that the framework needs and that no file fills. */
  missingFiles: string[];
  issues: CodeIssue[];
}

/** The framework that a word of a request means; throws a coded error for one that is not known. */
export function projectKindOf(framework: string): ProjectKind {
  const word = framework.toLowerCase().replace(/[^a-z]/g, "");
  const known: readonly [RegExp, ProjectKind][] = [
    [/next/, "next"],
    [/react|^vite$/, "react-vite"],
    [/vue|nuxt/, "vue"],
    [/svelte/, "svelte"],
    [/edge|supabase|deno/, "edge"],
    [/node|express|fastify|api|backend|server/, "node"],
    [/html|static|vanilla|css/, "static"],
  ];
  const kind = known.find(([pattern]) => pattern.test(word))?.[1];
  if (kind !== undefined) return kind;
  throw new HealingError(
    "BAD_REQUEST",
    `The framework ${JSON.stringify(framework.slice(0, 60))} is not known`,
    {
      hint: `Use one of ${Object.keys(SLOTS).join(", ")}`,
    },
  );
}

/** Judges the files of a generated project. */
export async function validatePostGeneration(
  files: readonly ProjectFile[],
  framework: string,
  title: string,
): Promise<QualityReport> {
  const kind = projectKindOf(framework);
  const context = await contextOf(files, title);
  const issues = files.flatMap(({ path }) => {
    const found = findIssues(context.project, path).map(({ issue }) => issue);
    context.project.file(path)?.release();
    return found;
  });
  return reportOf(kind, context, issues);
}

/** As {@link validatePostGeneration}, for issues that were found already: nothing is read again. */
export async function judgeIssues(
  files: readonly ProjectFile[],
  framework: string,
  title: string,
  issues: readonly CodeIssue[],
): Promise<QualityReport> {
  return reportOf(projectKindOf(framework), await contextOf(files, title), issues);
}

function reportOf(kind: ProjectKind, context: SlotContext, issues: readonly CodeIssue[]): QualityReport {
  const missing = missingSlots(kind, context);
  const qualityScore = scoreOf(missing, issues, context.files.length);
  const isBroken = missing.some(({ required }) => required) ||
    issues.some(({ severity }) => severity === "error");
  return {
    passed: !isBroken && qualityScore >= LEAST_SCORE,
    qualityScore,
    missingFiles: missing.map((slot) => slot.path?.(context) ?? slot.make(context).path),
    issues: [...issues],
  };
}

/** The files that fill the places that nobody fills; none of them has the path of a file that is there. */
export async function generateMissingInfrastructure(
  files: readonly ProjectFile[],
  framework: string,
  title: string,
): Promise<ProjectFile[]> {
  const kind = projectKindOf(framework);
  const made: ProjectFile[] = [];
  // One after the other: what was made counts for the next, and a place may be open several times.
  for (let count = 0; count < 100; count++) {
    const context = await contextOf([...files, ...made], title);
    const [next] = missingSlots(kind, context);
    if (next === undefined) break;
    made.push(next.make(context));
    assertProjectFiles([...files, ...made]);
  }
  return inOrder(made);
}

/** The manifest last filled is listed first, as a reader would. */
function inOrder(files: readonly ProjectFile[]): ProjectFile[] {
  return files.toSorted((one, other) =>
    Number(other.path === "package.json") - Number(one.path === "package.json")
  );
}

async function contextOf(files: readonly ProjectFile[], title: string): Promise<SlotContext> {
  const project = await openProject(files);
  const paths = new Set(files.map(({ path }) => path));
  const scripts = [...paths].filter((path) =>
    /\.[jt]sx?$/.test(path) && !path.endsWith(".d.ts") && !/config\.[jt]s$/.test(path)
  );
  const typed = scripts.some((path) => /\.tsx?$/.test(path)) || paths.has("tsconfig.json") ||
    files.some(({ path, content }) =>
      /\.(?:vue|svelte)$/.test(path) && /<script[^>]*lang=["']ts/.test(content)
    );
  const isPlain = files.some(({ path, content }) =>
    /\.(?:vue|svelte)$/.test(path) && /<script\b/.test(content)
  );
  return {
    project,
    files,
    title: title.trim() === "" ? "App" : title,
    usesTypescript: typed || (scripts.length === 0 && !isPlain),
    has: (path) => paths.has(path),
    first: (...wanted) => wanted.find((path) => paths.has(path)),
  };
}

function missingSlots(kind: ProjectKind, context: SlotContext): Slot[] {
  return SLOTS[kind].filter((slot) =>
    (slot.applies?.(context) ?? true) && !slot.paths.some((path) => context.has(path))
  );
}

/** A missing place costs most; issues count by the file, so that a large project may have more of them. */
function scoreOf(missing: readonly Slot[], issues: readonly CodeIssue[], fileCount: number): number {
  if (fileCount === 0) return 0;
  const places = missing.reduce((sum, { required }) => sum + (required ? 15 : 5), 0);
  const errors = issues.filter(({ severity }) => severity === "error").length;
  const warnings = issues.length - errors;
  const size = Math.max(1, Math.sqrt(fileCount / 4));
  const found = Math.min(70, 10 * errors / size) + Math.min(15, warnings / size);
  return Math.max(0, Math.round(100 - places - found));
}
