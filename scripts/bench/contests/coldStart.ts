/** Cold starts: what importing the library adds to the start of a function, in the embedded stack's runtime. @module */

import { startFunctionProcess } from "../../stack/functionProcess.ts";
import { type ContestGroup, type ContestRow, runContest } from "./contest.ts";
import type { Side } from "./takeTurns.ts";

const ROUNDS = 12;

const FOLDER = new URL("./coldStarts/", import.meta.url);

/** The functions that are started, each `coldStarts/<name>.ts`. */
type Started = "empty" | "plain" | "wrapped" | "everything" | "writing";

/** From the start of a function's process to its first answer. */
function startOf(name: Started): Side {
  const entrypoint = decodeURIComponent(new URL(`${name}.ts`, FOLDER).pathname);
  const settings = { name, entrypoint, importMap: undefined, verifyJwt: false };
  return async () => {
    const lines: string[] = [];
    const onLog = ({ line }: { line: string }) => void lines.push(line);
    const startedAt = performance.now();
    const started = await startFunctionProcess(settings, { env: {}, memoryMb: 256, onLog });
    try {
      const port = await started.port;
      if (port === undefined) throw new Error(`The function ${name} did not start: ${lines.join("; ")}`);
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      await answer.text();
      if (!answer.ok) throw new Error(`The function ${name} answered ${answer.status}: ${lines.join("; ")}`);
      return performance.now() - startedAt;
    } finally {
      started.kill();
      await started.ended;
    }
  };
}

/** Each of ours against a function that imports nothing, and against one that imports the client of Supabase. */
export const coldStartContests: ContestGroup = {
  name: "cold start",
  async run({ rounds }) {
    const limits = { rounds: Math.min(rounds, ROUNDS), warmUp: 1 };
    const empty = { "empty function": startOf("empty") };
    const plain = { "supabase-js 2.119.0": startOf("plain") };
    const contests: [string, Started, Readonly<Record<string, Side>>][] = [
      ["withSelfHealing", "wrapped", { ...empty, ...plain }],
      ["initializeEnterpriseInfrastructure", "everything", { ...empty, ...plain }],
      ["resilientDb and supabase-js", "writing", plain],
    ];
    const rows: ContestRow[] = [];
    for (const [name, started, peers] of contests) {
      const ours = { name, side: startOf(started) };
      const inReadme = Object.keys(peers).slice(0, 1);
      rows.push(
        ...await runContest({ what: "cold start to the first answer", ours, peers, inReadme }, limits),
      );
    }
    return rows;
  },
};
