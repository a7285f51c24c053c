/**
 * What generated projects do for the people who use them: labels on forms, words while something loads, messages when it
 * fails, ways around. They are read from the code and stored with `resilientDb`, so that a database that is away or whose
 * columns have other names loses none; and they are read again as what the best projects of a framework have.
 *
 * @example
 * ```ts
 * import { findUxPatterns } from "./uxPatternIntegration.ts";
 *
 * const page = '<form><label for="name">Name</label><input id="name"></form>';
 * const found = await findUxPatterns([{ path: "index.html", content: page }]);
 * if (found[0]?.key !== "labelled-form") throw new Error("unexpected");
 * ```
 *
 * @module
 */

import { HealingError } from "./core/errors.ts";
import type { RpcPort } from "./core/ports.ts";
import type { ProjectFile } from "./core/projectPaths.ts";
import { elementsOf } from "./uxPatternIntegration/elements.ts";
import { UX_PATTERNS, type UxCategory } from "./uxPatternIntegration/patterns.ts";

export type { UxCategory } from "./uxPatternIntegration/patterns.ts";

/** A pattern that a project shows. */
export interface UxPattern {
  key: string;
  category: UxCategory;
  description: string;
  /** How often. */
  occurrences: number;
  /** The files that show it, fifty at most. */
  paths: string[];
}

/** What stores rows: `resilientDb` fits. */
export interface UxPatternWriter {
  upsert(
    table: string,
    rows: Record<string, unknown>[],
    options: { onConflict: readonly string[] },
  ): Promise<{ results: readonly { status: string; reason?: string }[] }>;
}

/** What became of the patterns of a project. */
export interface StoredUxPatterns {
  saved: number;
  /** Kept to be written when the database takes them. */
  waiting: number;
  failed: number;
}

const MOST_PATHS = 50;

/** The patterns that the files show. */
export async function findUxPatterns(files: readonly ProjectFile[]): Promise<UxPattern[]> {
  const elements = await elementsOf(files);
  return UX_PATTERNS.flatMap(({ key, category, description, shows, alsoNeeds }) => {
    const found = elements.filter(shows);
    if (found.length === 0 || (alsoNeeds !== undefined && !elements.some(alsoNeeds))) return [];
    const paths = [...new Set(found.map(({ path }) => path))].slice(0, MOST_PATHS);
    return [{ key, category, description, occurrences: found.length, paths }];
  });
}

/** Stores what a project shows; what it was stored with before is brought up to date. */
export async function storeUxPatterns(
  db: UxPatternWriter,
  project: { id: string; framework: string },
  patterns: readonly UxPattern[],
): Promise<StoredUxPatterns> {
  if (project.framework.trim() === "") {
    throw new HealingError("BAD_REQUEST", "Patterns are stored with the framework of their project");
  }
  if (patterns.length === 0) return { saved: 0, waiting: 0, failed: 0 };
  const rows = patterns.map(({ key, category, description, occurrences, paths }) => ({
    project_id: project.id,
    pattern_key: key,
    framework: project.framework,
    category,
    description,
    occurrences,
    paths,
  }));
  const { results } = await db.upsert("ux_patterns", rows, { onConflict: ["project_id", "pattern_key"] });
  const count = (...statuses: string[]) => results.filter(({ status }) => statuses.includes(status)).length;
  const saved = count("saved", "healed");
  const failed = count("failed");
  return { saved, waiting: results.length - saved - failed, failed };
}

/** A pattern of a framework's projects. */
export interface KnownUxPattern {
  pattern_key: string;
  category: UxCategory;
  description: string;
  /** How many projects show it. */
  projects: number;
  /** Their mean score; null where none was measured. */
  quality: number | null;
}

/** What the best projects of a framework do, for whoever plans the next one. */
export function readUxPatterns(db: RpcPort, framework: string, limit = 20): Promise<KnownUxPattern[]> {
  return db.call("read_ux_patterns", { p_framework: framework, p_limit: limit });
}
