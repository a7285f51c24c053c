/**
 * Projects without a model: for each kind of project one small application, the same for the same request. What its
 * framework needs besides is made by `qualityValidator`. For demos, tests, and whoever has no key.
 *
 * @module
 */

import type { ProjectFile } from "./core/projectPaths.ts";
import { edgeTemplate } from "./projectTemplates/edge.ts";
import { nextTemplate } from "./projectTemplates/next.ts";
import { nodeTemplate } from "./projectTemplates/node.ts";
import { reactTemplate } from "./projectTemplates/react.ts";
import { staticTemplate } from "./projectTemplates/staticPage.ts";
import { svelteTemplate } from "./projectTemplates/svelte.ts";
import { describe, type Template } from "./projectTemplates/template.ts";
import { vueTemplate } from "./projectTemplates/vue.ts";

const TEMPLATES: Readonly<Record<string, Template>> = {
  "react-vite": reactTemplate,
  next: nextTemplate,
  vue: vueTemplate,
  svelte: svelteTemplate,
  node: nodeTemplate,
  static: staticTemplate,
  edge: edgeTemplate,
};

/** What a template is made for. */
export interface TemplateOrder {
  title: string;
  /** What was asked for; it becomes the description. */
  request: string;
  /** Where a migration of the project goes. */
  migrationPath: string;
}

/**
 * The files of a kind's template; undefined for a kind that has none.
 *
 * @example
 * ```ts
 * import { templateFiles } from "./projectTemplates.ts";
 *
 * const order = { title: "Shop", request: "a small shop", migrationPath: "supabase/migrations/1_a.sql" };
 * const files = templateFiles("static", order);
 * if (!files?.some(({ path }) => path === "index.html")) throw new Error("unexpected");
 * ```
 */
export function templateFiles(kind: string, order: TemplateOrder): ProjectFile[] | undefined {
  return Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind]!(describe(order)) : undefined;
}
