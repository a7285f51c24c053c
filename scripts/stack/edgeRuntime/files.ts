/**
 * The file system of the platform: asynchronous calls within `/tmp`, synchronous ones only while the module
 * starts, and nothing that renames, links or changes modes.
 *
 * `/tmp` is mapped to a folder of the function's own. `node:fs` reaches the system past this file; the
 * process's permissions still keep it from writing elsewhere.
 *
 * @module
 */

/** Members of `Deno` by name, to be replaced. */
export type Members = Record<string, unknown>;

type Call = (...args: unknown[]) => unknown;

const DENIED = [
  "chmod",
  "chown",
  "copyFile",
  "fdatasync",
  "fsync",
  "ftruncate",
  "futime",
  "link",
  "readLink",
  "rename",
  "symlink",
  "truncate",
  "utime",
];
const ALLOWED = [
  "create",
  "lstat",
  "makeTempDir",
  "makeTempFile",
  "mkdir",
  "open",
  "readDir",
  "readFile",
  "readTextFile",
  "realPath",
  "remove",
  "stat",
  "writeFile",
  "writeTextFile",
];
/** These the platform only warns about. */
const READ_SYNC = new Set(["readFileSync", "readTextFileSync"]);
const HANDLE_DENIED = [
  "sync",
  "syncSync",
  "syncData",
  "syncDataSync",
  "truncate",
  "truncateSync",
  "utime",
  "utimeSync",
];

/** Replaces the file calls of `deno`; `isStarted` turns true when the module has been evaluated. */
export function restrictFiles(deno: Members, tmp: string | undefined, isStarted: () => boolean): void {
  for (const name of ["chdir", ...DENIED.flatMap((name) => [name, `${name}Sync`])]) deny(deno, name);
  for (const name of ALLOWED) {
    redefine(deno, name, mapped(name, deno[name] as Call, tmp));
    const syncName = `${name}Sync`;
    redefine(deno, syncName, whileStarting(syncName, mapped(name, deno[syncName] as Call, tmp), isStarted));
  }
  const handle = Deno.FsFile.prototype as unknown as Members;
  for (const name of HANDLE_DENIED.filter((name) => name in handle)) deny(handle, name, "FsFile.");
}

/** Puts a value in the place of a member. */
export function redefine(target: Members, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, enumerable: true, writable: true });
}

function deny(target: Members, name: string, prefix = ""): void {
  redefine(target, name, () => {
    throw new Deno.errors.PermissionDenied(`Deno.${prefix}${name} is blocklisted`);
  });
}

function whileStarting(name: string, call: Call, isStarted: () => boolean): Call {
  return (...args) => {
    if (isStarted() && READ_SYNC.has(name)) {
      warn(`Deno.${name} is discouraged on the current context`);
    } else if (isStarted()) {
      throw new Deno.errors.PermissionDenied(`Deno.${name} is blocklisted on the current context`);
    }
    return call(...args);
  };
}

function warn(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function mapped(name: string, call: Call, tmp: string | undefined): Call {
  if (tmp === undefined) return call;
  if (name.startsWith("makeTemp")) {
    return (options) => call(mapFolder(options as Deno.MakeTempOptions | undefined, tmp));
  }
  return (first, ...rest) => call(mapPath(first, tmp), ...rest);
}

function mapFolder(options: Deno.MakeTempOptions | undefined, tmp: string): object {
  return options?.dir === undefined
    ? { ...options, dir: tmp }
    : { ...options, dir: mapPath(options.dir, tmp) };
}

/** `/tmp/x` becomes `<tmp>/x`; a path that is below `tmp` already, and every other, stays. */
function mapPath(path: unknown, tmp: string): unknown {
  const text = path instanceof URL && path.protocol === "file:" ? decodeURIComponent(path.pathname) : path;
  if (typeof text !== "string" || text.startsWith(tmp)) return path;
  return text === "/tmp" || text.startsWith("/tmp/") ? `${tmp}${text.slice("/tmp".length)}` : path;
}
