/** The elements of a project's pages: from the trees of scripts, and from the marks of pages and components. @module */

import { openProject, type Project } from "../codeRules.ts";
import type { ProjectFile } from "../core/projectPaths.ts";

/** An element as a file writes it. */
export interface UiElement {
  path: string;
  tag: string;
  /** The words of its attributes; empty for one that is computed. */
  attributes: ReadonlyMap<string, string>;
}

const MARKUP = /\.(?:html?|vue|svelte)$/;
const ELEMENT =
  /<([A-Za-z][\w.-]*)((?:\s+[^\s"'=<>/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|\{[^{}]*\}|[^\s"'<>{}]+))?)*)\s*\/?>/g;
const ATTRIBUTE = /([^\s"'=<>/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|\{[^{}]*\}|([^\s"'<>{}]+)))?/g;
/** A page of more says no more. */
const MOST_CHARACTERS = 200_000;

/** All of them; what cannot be read has none. */
export async function elementsOf(files: readonly ProjectFile[]): Promise<UiElement[]> {
  const project = await openProject(files);
  return files.flatMap(({ path, content }) => {
    if (MARKUP.test(path)) return markupElements(path, content.slice(0, MOST_CHARACTERS));
    return /\.[jt]sx$/.test(path) ? scriptElements(project, path) : [];
  });
}

function markupElements(path: string, content: string): UiElement[] {
  return [...content.matchAll(ELEMENT)].map(([, tag, attributes]) => ({
    path,
    tag: tag!,
    attributes: new Map(
      [...attributes!.matchAll(ATTRIBUTE)].map(([, name, double, single, bare]) => [
        name!,
        double ?? single ?? bare ?? "",
      ]),
    ),
  }));
}

/** What a parser says of one node, as far as it is read here. */
interface Named {
  name?: { name?: unknown } | string;
  property?: { name?: unknown };
  attributes?: readonly {
    type: string;
    name?: { name?: unknown };
    value?: { type: string; value?: unknown } | null;
  }[];
}

function scriptElements(project: Project, path: string): UiElement[] {
  const file = project.file(path);
  if (file === undefined || file.skipped !== null) return [];
  const found = (file.tree.byType.get("JSXOpeningElement") ?? []).map((node) => {
    const { name, attributes = [] } = node as unknown as Named;
    const tag = typeof name === "object" ? nameOf(name) : "";
    const named = attributes.flatMap((one) => {
      const own = one.name?.name;
      if (one.type !== "JSXAttribute" || typeof own !== "string") return [];
      return [[own, typeof one.value?.value === "string" ? one.value.value : ""] as const];
    });
    return { path, tag, attributes: new Map(named) };
  });
  file.release();
  return found;
}

function nameOf(name: { name?: unknown; property?: { name?: unknown } }): string {
  const own = name.property?.name ?? name.name;
  return typeof own === "string" ? own : "";
}
