/**
 * Records what a project's code does: each module in a process of its own without rights, twice and under two time zones,
 * so that what is not steady falls out.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { HARNESS, HARNESS_FILE } from "../../supabase/functions/_shared/autoTestGenerator/harness.ts";
import type {
  FileProbes,
  Outcome,
  OutcomeRecorder,
} from "../../supabase/functions/_shared/autoTestGenerator.ts";
import { projectConfig } from "./config.ts";

const LONGEST_MS = 60_000;
const ZONES = ["UTC", "America/New_York"];

/** Runs the probes; `onProgress` is told of each file. */
export function createRecorder(
  onProgress: (done: number, all: number, source: string) => void = () => {},
): OutcomeRecorder {
  return async (files, probes) => {
    const folder = await Deno.makeTempDir({ prefix: "recording-" });
    try {
      await writeProject(folder, files);
      const recorded = new Map<string, ReadonlyMap<string, Outcome>>();
      for (const [index, file] of probes.entries()) {
        onProgress(index + 1, probes.length, file.source);
        const runs = await Promise.all(ZONES.map((zone) => recordOnce(folder, file, zone)));
        recorded.set(file.source, steadyOf(runs));
      }
      return recorded;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

/** Writes a project's files, and what Deno needs to run it. */
export async function writeProject(
  folder: string,
  files: readonly { path: string; content: string }[],
): Promise<void> {
  for (const { path, content } of [...files, projectConfig(files)]) {
    const target = join(folder, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, content);
  }
}

async function recordOnce(
  folder: string,
  { source, probes }: FileProbes,
  zone: string,
): Promise<Map<string, Outcome>> {
  const id = crypto.randomUUID();
  const script = join(folder, `${id}.mjs`);
  await Deno.writeTextFile(join(folder, HARNESS_FILE), HARNESS);
  await Deno.writeTextFile(script, scriptFor(source, probes));
  const cache = Deno.env.get("DENO_DIR");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-lock",
      "--no-check",
      `--allow-read=${folder}`,
      "--allow-env=NODE_ENV",
      script,
    ],
    cwd: folder,
    clearEnv: true,
    env: {
      TZ: zone,
      NO_COLOR: "1",
      HOME: Deno.env.get("HOME") ?? folder,
      DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "system,mozilla",
      ...(cache === undefined ? {} : { DENO_DIR: cache }),
    },
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(LONGEST_MS),
  }).output();
  const outcomes = new Map<string, Outcome>();
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const read = readLine(line);
    if (read !== null) outcomes.set(...read);
  }
  return outcomes;
}

function scriptFor(source: string, probes: FileProbes["probes"]): string {
  const path = JSON.stringify(`./${source}`);
  const calls = probes.map(({ name, code }) => `await tell(${JSON.stringify(name)}, () => ${code});`);
  return `import { answerOf, methodOutcomeOf, outcomeOf, rendered, servedBy, valueOf } from "./${HARNESS_FILE}";
const write = Deno.stdout.writeSync.bind(Deno.stdout);
async function tell(name, ask) {
  write(new TextEncoder().encode(JSON.stringify([name, await ask()]) + "\\n"));
}
const served = ${
    probes.some(({ code }) => code.includes("(served,")) ? `servedBy(() => import(${path}))` : "undefined"
  };
const subject = served === undefined ? await import(${path}) : {};
${calls.join("\n")}
Deno.exit(0);
`;
}

function readLine(line: string): [string, Outcome] | null {
  try {
    const [name, outcome] = JSON.parse(line);
    return typeof name === "string" && typeof outcome === "object" && outcome !== null
      ? [name, outcome]
      : null;
  } catch {
    return null;
  }
}

/** What came out alike each time; what hangs shows nothing. */
function steadyOf([first, ...others]: Map<string, Outcome>[]): Map<string, Outcome> {
  const isSteady = ([name, outcome]: [string, Outcome]) =>
    outcome.hangs !== true &&
    others.every((other) => JSON.stringify(other.get(name)) === JSON.stringify(outcome));
  return new Map([...first!].filter(isSteady));
}
