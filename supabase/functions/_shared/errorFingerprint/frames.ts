/**
 * The top frames of the caller's own code as `function@relative/path`: no line, no column, no build hash, no machine's
 * folders, no recursion.
 *
 * @module
 */

import { stripHash } from "./buildNames.ts";
import { isVariable } from "./randomText.ts";

interface Frame {
  name: string;
  file: string;
}

const MAX_SCANNED = 32_768;
const MAX_LINES = 200;
const MAX_FRAMES = 5;
const V8 =
  /^\s{0,20}at (?:async )?(?:new )?(?:([^()]{1,200}?) (?:\[as [^\]]{1,100}\] )?)?\(?(?:address at )?(\S{1,400}?)(?::\d+)?(?::\d+)?\)?$/;
const GECKO = /^\s{0,20}([^@()\s]{0,200})@([^@\s]{1,400}?)(?::\d+)?(?::\d+)?$/;
const REACT = /^\s{0,20}in (\S{1,200})(?: \((?:at )?([^():]{1,200}).{0,20}\))?/;
const PLPGSQL = /^\s{0,20}(?:PL\/pgSQL|SQL) function "?([\w.]{1,130})/;
const VENDOR =
  /node_modules|\/npm\/|[/.]pnpm\/|^(?:node|ext|npm|jsr|native|internal|blob|data|chrome-extension|moz-extension):|deno\.land\/|esm\.sh\/|jsr\.io\/|unpkg\.com|jsdelivr\.net|cdnjs\.|\/var\/runtime\/|<anonymous>|\(native|^native$|^index$|\/vendors?[~./-]|react-dom|chunk-vendors|\/deps\/|polyfills|runtime[~.-]|^internal\//;
/**
 * What watches a call stands around it in every stack, and differently when it records: then less of what is outside
 * of it fits into the ten frames that an error keeps.
 */
const WATCHER = /\/_shared\/(?:tracing|requestObserver|errorInterceptor|edgeHandler)(?:\/|\.ts)/;
/** Folders from which on a path is the project's own. */
const PROJECT_ROOT = new Set(
  ("src app lib functions pages components server packages api routes dist build assets static utils hooks services " +
    "scripts tests web backend frontend client controllers models modules features jobs workers tasks migrations " +
    "views stores bin sb-compile-edge-runtime").split(" "),
);
const BUNDLED = /(?:^|\/)(?:assets|static|_next|chunks|dist|build)\/|\.min\.js$/;

/** At most five frames, innermost first; of packages only when none is the caller's own. */
export function readFrames(stack: string): string[] {
  const frames = stack.slice(0, MAX_SCANNED).split("\n").slice(0, MAX_LINES).map(parseFrame).filter((frame) =>
    frame !== undefined
  );
  const own = frames.filter(({ file }) => !VENDOR.test(file) && !WATCHER.test(file));
  const named = (own.length > 0 ? own : frames).map(describeFrame);
  return [...new Set(named.slice(0, endOfRecursion(named)))].slice(0, MAX_FRAMES);
}

/** What stands below a recursion is seen only while the recursion is shallow, so it does not count. */
function endOfRecursion(names: readonly string[]): number {
  const last = names.findLastIndex((name, index) => !name.startsWith("?") && names.indexOf(name) < index);
  return last < 0 ? names.length : last;
}

function parseFrame(line: string): Frame | undefined {
  const text = line.slice(0, 600).trimEnd();
  const match = V8.exec(text) ?? GECKO.exec(text);
  if (match !== null) return { name: match[1] ?? "", file: match[2]! };
  const react = REACT.exec(text);
  if (react !== null) return { name: react[1]!, file: react[2] ?? "component" };
  const sql = PLPGSQL.exec(text);
  return sql === null ? undefined : { name: sql[1]!, file: "plpgsql" };
}

function describeFrame({ name, file }: Frame): string {
  const path = readPath(file);
  const isHashed = !path.endsWith(file.slice(file.lastIndexOf("/") + 1).replace(/[?#].*$/, ""));
  const isBundled = isHashed || path !== stripOrigin(file) && BUNDLED.test(file) || /\.min\.js/.test(file);
  return `${readName(name, isBundled)}@${path}`;
}

function readName(name: string, isBundled: boolean): string {
  const last = name
    .replace(/^(?:async[ *]?)?(?:new )?/, "")
    .replace(/^(?:Object|Module|exports|globalThis|window|self|Function|process|_this)\./, "")
    .replace(/\/<+$|<$/g, "")
    .replace(/\$\d{1,3}$/, "")
    // Only V8 names the object of a method.
    .split(/[./]/).at(-1)!;
  if (/^wasm-function/.test(last)) return "?";
  if (/^(?:|<?anonymous>?|eval|\?|global code|module code|<unknown>)$/.test(last)) return "?";
  // A bundler gives functions one or two letters, other ones in the next build.
  if (/^[A-Za-z_$][\w$]?$|^_0x/.test(last)) return "?";
  return isBundled && /^[A-Za-z_$][\w$]{0,2}$|(?:^|\.)[A-Za-z_$]{1,2}$/.test(last) ? "?" : last;
}

function readPath(file: string): string {
  if (file.startsWith("wasm:")) return "wasm";
  // An app's bundle lies in a folder of its installation.
  const bundle = /[^/]{1,100}\.(?:js)?bundle$/.exec(file);
  if (bundle !== null) return bundle[0];
  const segments = stripOrigin(file).split("/").filter((segment) => segment !== "" && segment !== ".");
  const root = segments.findLastIndex((segment, index) =>
    PROJECT_ROOT.has(segment) && index < segments.length - 1
  );
  const kept = root >= 0 ? segments.slice(root) : segments.slice(-2);
  return kept.filter((segment, index) => index === kept.length - 1 || !isVariable(segment)).map((segment) =>
    segment === "sb-compile-edge-runtime" ? "functions" : segment
  ).map(stripHash)
    .join("/");
}

function stripOrigin(file: string): string {
  return file
    .replace(
      /^(?:webpack-internal|webpack|turbopack|rsc|vite|app|file|https?):\/{2,3}(?:\([\w-]{1,40}\)\/)?/,
      "/",
    )
    .replace(/^\/[\w.-]{1,200}(?::\d{1,5})?(?=\/(?:assets|static|_next|src|js|build|dist|chunks)\/)/, "")
    .replace(/[?#].*$/, "")
    .replaceAll("\\", "/")
    .replace(/^\/?[A-Za-z]:\//, "/");
}
