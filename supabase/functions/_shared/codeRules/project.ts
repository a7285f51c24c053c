/** A project as the rules see it: its files, what its specifiers mean, and what it is built with. @module */

import type { CodeParser } from "../core/codeSyntax.ts";
import type { CodeRule } from "./model.ts";
import type { RepairRule } from "./repair.ts";
import type { ProjectFile } from "../core/projectPaths.ts";
import { type Exported, FileModel } from "./fileModel.ts";
import { baseName, folderOf, joined, withoutEnding } from "./paths.ts";
import { aliasesOf, type Manifest, readManifest } from "./projectSettings.ts";

/** The rules by which a project is read. */
export interface RuleSet {
  all: readonly CodeRule[];
  repairs: readonly RepairRule[];
}

/** What a project is built with. */
export type Framework = "react" | "next" | "vue" | "svelte" | "node" | "static" | "edge" | "unknown";

/** What a specifier names. */
export type Resolution =
  | { kind: "file"; path: string }
  | { kind: "package"; name: string }
  | { kind: "missing"; wanted: string }
  | { kind: "outside" };

const ENDINGS = [
  "",
  ".ts",
  ".tsx",
  ".js",
  ".jsx",
  ".mjs",
  ".cjs",
  ".mts",
  ".cts",
  ".vue",
  ".svelte",
  ".json",
  ".css",
];
const INDEXES = [".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".vue"].map((ending) => `/index${ending}`);
/** Specifiers that tools of the framework answer. */
const PROVIDED = /^(?:virtual:|astro:|bun:|data:|https?:|jsr:|\$app\/|\$env\/|\$service-worker|#|~)/;

/** A set of files that belong together. */
export class Project {
  readonly #files = new Map<string, FileModel>();
  readonly #parser: CodeParser;
  readonly rules: RuleSet;
  #isComplete: boolean | undefined;
  #manifests = new Map<string, Manifest | null>();
  #aliases: ReturnType<typeof aliasesOf> | undefined;
  #framework: Framework | undefined;

  constructor(
    files: readonly ProjectFile[],
    parser: CodeParser,
    options: { isComplete?: boolean | undefined; rules?: RuleSet } = {},
  ) {
    this.#parser = parser;
    this.#isComplete = options.isComplete;
    this.rules = options.rules ?? { all: [], repairs: [] };
    for (const file of files) this.#files.set(file.path, new FileModel(file, parser));
  }

  get files(): ReadonlyMap<string, FileModel> {
    return this.#files;
  }

  /** Whether a file that is not here does not exist: a few files of a project say nothing about the others. */
  get isComplete(): boolean {
    return this.#isComplete ??= [...this.#files.keys()].some((path) =>
      /(?:^|\/)(?:package\.json|index\.html|deno\.jsonc?|config\.toml)$|supabase\/functions\/[^/]+\/index\.ts$/
        .test(path)
    );
  }

  file(path: string): FileModel | undefined {
    return this.#files.get(path);
  }

  /** Gives a file another text; what was known of the others stays. */
  replace(path: string, content: string): void {
    this.#files.set(path, new FileModel({ path, content }, this.#parser));
    if (!/\.(?:json|html)$|config\.[cm]?[jt]s$/.test(path)) return;
    this.#manifests = new Map();
    this.#aliases = undefined;
    this.#framework = undefined;
  }

  /** The package.json that a file belongs to. */
  manifestFor(path: string): Manifest | null {
    let folder = folderOf(path);
    while (true) {
      const manifest = this.#manifestIn(folder);
      if (manifest !== null || folder === "") return manifest;
      folder = folderOf(folder);
    }
  }

  /** The package.json that lists what a file may import: one that only says how files are read is none. */
  packageListFor(path: string): Manifest | null {
    let folder = folderOf(path);
    while (true) {
      const manifest = this.#manifestIn(folder);
      if (manifest !== null && (manifest.name !== undefined || manifest.packages.size > 0)) return manifest;
      if (folder === "") return null;
      folder = folderOf(folder);
    }
  }

  #manifestIn(folder: string): Manifest | null {
    const known = this.#manifests.get(folder);
    if (known !== undefined) return known;
    const manifest = readManifest(this.#files.get(folder === "" ? "package.json" : `${folder}/package.json`));
    this.#manifests.set(folder, manifest);
    return manifest;
  }

  /** Every package.json of the project. */
  manifests(): Manifest[] {
    const folders = [...this.#files.keys()].filter((path) => baseName(path) === "package.json").map(folderOf);
    return folders.flatMap((folder) => this.#manifestIn(folder) ?? []);
  }

  /** True when the file's package.json lists the package in any way. */
  depends(path: string, name: string): boolean {
    return this.packageListFor(path)?.packages.has(name) === true;
  }

  get framework(): Framework {
    return this.#framework ??= this.#detect();
  }

  #detect(): Framework {
    const packages = new Set(this.manifests().flatMap((manifest) => [...manifest.packages.keys()]));
    const paths = [...this.#files.keys()];
    if (packages.has("next")) return "next";
    if (packages.has("svelte") || paths.some((path) => path.endsWith(".svelte"))) return "svelte";
    if (packages.has("vue") || paths.some((path) => path.endsWith(".vue"))) return "vue";
    if (packages.has("react") || paths.some((path) => /\.[jt]sx$/.test(path))) return "react";
    if (paths.some((path) => path.includes("supabase/functions/"))) return "edge";
    if (packages.size > 0 || paths.some((path) => baseName(path) === "package.json")) return "node";
    return paths.some((path) => path.endsWith(".html")) ? "static" : "unknown";
  }

  /** True for a file that Deno runs: imports name files with their endings, and packages with `npm:`. */
  isEdge(path: string): boolean {
    return /(?:^|\/)supabase\/functions\//.test(path);
  }

  /** What a specifier means in a file. */
  resolve(from: string, specifier: string): Resolution {
    const clean = specifier.replace(/[?#](?:raw|url|inline|worker|component|react).*$/, "");
    if (/^\.\.?(?:\/|$)/.test(clean)) return this.#resolvePath(joined(folderOf(from), clean));
    for (const { prefix, target } of this.#aliases ??= aliasesOf(this)) {
      const isHit = prefix.endsWith("/") ? clean.startsWith(prefix) : clean === prefix;
      if (isHit) return this.#resolvePath(joined(target, clean.slice(prefix.length)));
    }
    if (clean.startsWith("/") || PROVIDED.test(clean) || clean === "") return { kind: "outside" };
    const name = /^(?:npm:)?((?:@[^/]+\/)?[^/@]+)/.exec(clean)?.[1];
    return name === undefined ? { kind: "outside" } : { kind: "package", name };
  }

  #resolvePath(path: string | null): Resolution {
    // The project's own folder as a module is what its package.json says.
    if (path === null || path === "") return { kind: "outside" };
    const found = this.findModule(path);
    return found === undefined ? { kind: "missing", wanted: path } : { kind: "file", path: found };
  }

  /** The file that a path without its ending means. */
  findModule(path: string): string | undefined {
    const base = [path];
    // TypeScript lets `./a.js` stand for `./a.ts`.
    if (/\.[cm]?jsx?$/.test(path)) {
      base.push(path.replace(/js(x?)$/, "ts$1"), path.replace(/\.jsx?$/, ".tsx"));
    }
    const names = [...base, ...ENDINGS.slice(1).map((ending) => path + ending)];
    const indexes = INDEXES.map((index) => path === "" ? index.slice(1) : path + index);
    return [...names, ...indexes].find((name) => this.#files.has(name));
  }

  /** The specifier by which a file would import another: as the project's own aliases and endings have it. */
  specifierFor(from: string, path: string, relative: (folder: string, path: string) => string): string {
    const wantsEnding = this.isEdge(from) || /\.(?:vue|svelte|json|css)$/.test(path);
    const short = wantsEnding ? path : withoutEnding(path).replace(/\/index$/, "");
    return relative(folderOf(from), short);
  }

  /** A path written with the project's alias; undefined where no alias covers it. */
  aliased(path: string): string | undefined {
    for (const { prefix, target } of this.#aliases ??= aliasesOf(this)) {
      const folder = target === "" ? "" : `${target}/`;
      if (prefix.endsWith("/") && path.startsWith(folder)) return prefix + path.slice(folder.length);
    }
    return undefined;
  }

  /** What a module exports by a name, through barrels; `unknown` when it cannot be told. */
  findExport(path: string, name: string, seen: Set<string> = new Set()): Exported | "unknown" | undefined {
    const file = this.#files.get(path);
    if (file === undefined || !file.isCode || file.skipped !== null) return "unknown";
    if (file.kind !== "script") return "unknown";
    const { isWhole, isCommonJs, exports } = file.outline;
    if (!isWhole || isCommonJs) return "unknown";
    const own = exports.get(name);
    if (own !== undefined || name === "*") return own ?? "unknown";
    if (seen.has(path) || name === "default") return undefined;
    seen.add(path);
    return this.#findBehindStars(file, name, seen);
  }

  #findBehindStars(file: FileModel, name: string, seen: Set<string>): Exported | "unknown" | undefined {
    let doubt: "unknown" | undefined;
    for (const star of file.outline.stars) {
      const target = this.resolve(file.path, star);
      const found = target.kind === "file" ? this.findExport(target.path, name, seen) : "unknown";
      if (found === "unknown") doubt = found;
      else if (found !== undefined) return found;
    }
    return doubt;
  }

  /** The files that export a name by themselves. */
  exportersOf(name: string): { path: string; exported: Exported }[] {
    const found: { path: string; exported: Exported }[] = [];
    for (const file of this.#files.values()) {
      const isHit = file.kind === "script" && file.skipped === null && file.content.includes(name) &&
        file.content.includes("export");
      if (!isHit || !file.outline.isWhole) continue;
      const { exports, commonJs } = file.outline;
      const named = exports.get(name) ?? commonJs.get(name);
      if (named !== undefined && !isReexport(file, name)) found.push({ path: file.path, exported: named });
      const standard = exports.get("default") ?? commonJs.get("default");
      if (named === undefined && standard?.local === name) {
        found.push({ path: file.path, exported: standard });
      }
    }
    return found;
  }

  /** The files that may import a file. */
  importersOf(path: string): FileModel[] {
    const name = withoutEnding(baseName(path));
    const word = name === "index" ? baseName(folderOf(path)) : name;
    return [...this.#files.values()].filter((file) =>
      file.path !== path && file.isCode && file.skipped === null && file.content.includes(word) &&
      file.outline.links.some(({ specifier }) => {
        const target = this.resolve(file.path, specifier);
        return target.kind === "file" && target.path === path;
      })
    );
  }
}

function isReexport(file: FileModel, name: string): boolean {
  return file.outline.links.some((link) => link.kind === "export" && link.local.includes(name));
}
