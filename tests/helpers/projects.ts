/** Generated projects in a test database. @module */

import process from "node:process";
import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { openProject } from "../../supabase/functions/_shared/codeRules.ts";
import type { TestDatabase } from "./testDatabase.ts";

/** What a project is like; what a test does not care about is filled in. */
export interface ProjectSeed {
  files: readonly ProjectFile[];
  framework?: string;
  title?: string;
  score?: number;
  autoRedeploy?: boolean;
  ageMinutes?: number;
  isTest?: boolean;
}

/** A component without the project around it. */
export const LONE_COMPONENT: ProjectFile = {
  path: "src/App.tsx",
  content:
    'import { useState } from "react";\n\nexport default function App() {\n  const [n, setN] = useState(0);\n  return <button onClick={() => setN(n + 1)}>{n}</button>;\n}\n',
};

/** A component with an error that the rules can mend. */
export const BROKEN_COMPONENT: ProjectFile = {
  path: "src/Panel.tsx",
  content: "export function Panel() {\n  const [n] = useState(0);\n  return <b>{n}</b>;\n}\n",
};

/** Saves a project; its id. */
export async function saveProject(database: TestDatabase, seed: ProjectSeed): Promise<string> {
  const {
    framework = "react",
    title = "Todo",
    score = 20,
    autoRedeploy = false,
    ageMinutes = 1,
    isTest = false,
  } = seed;
  const [row] = await database.query<{ id: string }>(
    `insert into generated_projects (user_id, title, framework, user_request, quality_score, auto_redeploy, created_at, is_test)
     values ('user:1', $1, $2, 'a todo list', $3, $4, now() - make_interval(mins => $5::int), $6) returning id`,
    [title, framework, score, autoRedeploy, ageMinutes, isTest],
  );
  for (const { path, content } of seed.files) {
    await database.query("insert into generated_files (project_id, path, content) values ($1, $2, $3)", [
      row!.id,
      path,
      content,
    ]);
  }
  return row!.id;
}

/** The files of a project as they are stored. */
export function storedFiles(
  database: TestDatabase,
  id: string,
): Promise<{ path: string; content: string; origin: string; original_content: string | null }[]> {
  return database.query(
    "select path, content, origin, original_content from generated_files where project_id = $1 order by path",
    [id],
  );
}

/** Loads what reads code, so that a test of slices measures reading and not loading. */
export async function warmUp(): Promise<void> {
  await openProject([LONE_COMPONENT]);
}

/** Components of about so many lines that import one another. */
export function manyComponents(count: number, lines: number): ProjectFile[] {
  return Array.from({ length: count }, (_, index) => {
    const other = Math.max(0, index - 1);
    const hooks = Array.from(
      { length: Math.floor(lines / 4) },
      (_, part) =>
        `export function use${index}Part${part}(values: number[]) {\n  const total = useMemo(() => values.reduce((sum, value) => sum + value, 0), [values]);\n  return { total, label: \`\${total} of \${values.length}\` };\n}`,
    );
    const content = [
      'import { useMemo } from "react";',
      ...(index === 0 ? [] : [`import { use${other}Part0 } from "./Part${other}";`]),
      ...hooks,
      `export const Part${index} = () => <p>{use${index === 0 ? 0 : other}Part0([1]).label}</p>;`,
      "",
    ].join("\n");
    return { path: `src/parts/Part${index}.tsx`, content };
  });
}

/** Milliseconds of the processor so far: of a machine that others use too, the clock on the wall tells about the others. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
