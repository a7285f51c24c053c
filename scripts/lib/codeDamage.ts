/** Mechanical damage to a correct file: one small thing is taken away, as a careless hand or a model would. @module */

/** One damaged text. */
export interface Damage {
  kind: string;
  line: number;
  text: string;
}

type Damager = (line: string, next: string) => string | null | undefined;

/** Each gives the line after the damage, null where the line goes, undefined where it does not apply. */
const CODE: Readonly<Record<string, Damager>> = {
  "an import is gone": (line) => (isImport(line) ? null : undefined),
  "a name of an import is gone": (line) => {
    const names = isImport(line) ? /\{ (.*) \}/.exec(line)?.[1] : undefined;
    return names?.includes(", ") ? line.replace(names, names.slice(0, names.lastIndexOf(", "))) : undefined;
  },
  "an import stands twice": (line) => (isImport(line) ? `${line}\n${line}` : undefined),
  "a line of closing brackets is gone": (line) => (/^\s*[)\]}]+[;,]?\s*$/.test(line) ? null : undefined),
  "a comma is gone": (line, next) =>
    /,\s*$/.test(line) && !/^\s*[)\]}]/.test(next) && !/^\s*[?:|&]/.test(line)
      ? line.replace(/,\s*$/, "")
      : undefined,
  "an await is gone": (line) => changed(line, line.replace(/\bawait /, "")),
  "an async is gone": (line) => changed(line, line.replace(/\basync /, "")),
  "an export is gone": (line) =>
    changed(line, line.replace(/^export (?=(?:const|function|async|class|interface|type) )/, "")),
  "the end of a string is gone": (line) => {
    const found = /[`/].*["']/.test(line) ? null : /(["'])[^"'\n]+\1/.exec(line);
    if (found === null) return undefined;
    const at = found.index + found[0].length - 1;
    return line.slice(0, at) + line.slice(at + 1);
  },
  "a path has the wrong case": (line) =>
    onPath(
      line,
      (name) => (isLower(name[0]!) ? name[0]!.toUpperCase() : name[0]!.toLowerCase()) + name.slice(1),
    ),
  "a path has lost a letter": (line) =>
    onPath(line, (name) => (name.length > 5 ? name.slice(0, 2) + name.slice(3) : name)),
  "a path begins in the wrong folder": (line) => changed(line, line.replace(/(from ["'])\.\.\//, "$1./")),
  "a return is gone": (line) => (/^\s*return \($/.test(line) ? line.replace("return ", "") : undefined),
};

const MARKUP: Readonly<Record<string, Damager>> = {
  "a closing tag is gone": (line) => (/^\s*<\/[\w.]+>\s*$/.test(line) ? null : undefined),
};

const JSON_FILE: Readonly<Record<string, Damager>> = {
  "a comma of JSON is gone": (line) => changed(line, line.replace(/,\s*$/, "")),
};

const STYLES: Readonly<Record<string, Damager>> = {
  "a semicolon of CSS is gone": (line, next) =>
    /;\s*$/.test(line) && /;\s*$/.test(next) ? line.replace(/;\s*$/, "") : undefined,
  "a brace of CSS is gone": (line) => (line === "}" ? null : undefined),
};

/** Every damage that a file can take. */
export function damagesOf(path: string, content: string): Damage[] {
  const lines = content.split("\n");
  return Object.entries(damagersFor(path)).flatMap(([kind, damage]) =>
    lines.flatMap((line, index): Damage[] => {
      const after = damage(line, lines[index + 1] ?? "");
      if (after === undefined) return [];
      const text = [...lines.slice(0, index), ...(after === null ? [] : [after]), ...lines.slice(index + 1)];
      return [{ kind, line: index + 1, text: text.join("\n") }];
    })
  );
}

function damagersFor(path: string): Readonly<Record<string, Damager>> {
  if (path.endsWith(".json")) return JSON_FILE;
  if (path.endsWith(".css")) return STYLES;
  if (/\.[jt]sx$/.test(path)) return { ...CODE, ...MARKUP };
  return /\.(?:[cm]?[jt]s|vue|svelte)$/.test(path) ? CODE : {};
}

function isImport(line: string): boolean {
  return /^\s*import .* from ["'].*["'];?$|^const .* = require\(.*\);?$/.test(line);
}

function isLower(letter: string): boolean {
  return letter === letter.toLowerCase();
}

function changed(before: string, after: string): string | undefined {
  return before === after ? undefined : after;
}

function onPath(line: string, change: (name: string) => string): string | undefined {
  const path = /from ["'](?:\.{1,2}|@)\/([\w./-]+)["']/.exec(line)?.[1];
  const name = path?.split("/").at(-1);
  return name === undefined ? undefined : changed(line, line.replace(`/${name}`, () => `/${change(name)}`));
}
