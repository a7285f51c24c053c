/** The JSON parser against its peers on a megabyte of records; quality and streaming are measured by `jsonParserPeers.ts`. @module */

import { type Contestant, CONTESTANTS } from "../peers/contestants.ts";
import { ONE_DEFECT, TWO_DEFECTS, VALID } from "../peers/texts.ts";
import { type ContestGroup, type ContestRow, runContest } from "./contest.ts";
import { type Side, timed } from "./takeTurns.ts";

const ROUNDS = 15;

/** Who reads what; a peer is named by how its name begins, and left out where it refuses or reads a wrong value. */
const TEXTS: readonly { what: string; text: string; peers: readonly string[]; inReadme?: string[] }[] = [
  {
    what: "1 MB of valid JSON",
    text: VALID,
    peers: ["JSON.parse", "jsonrepair", "ai "],
    inReadme: ["JSON.parse"],
  },
  {
    what: "1 MB of JSON with one defect",
    text: ONE_DEFECT,
    peers: ["jsonrepair", "ai "],
    inReadme: ["jsonrepair 3.15.0", "ai 7.0.173 parsePartialJson"],
  },
  { what: "1 MB of JSON with two defects a record", text: TWO_DEFECTS, peers: ["jsonrepair"] },
];

async function sideOf({ load }: Contestant, text: string): Promise<Side> {
  const read = await load();
  return timed(async () => void await read(text));
}

/** How long a megabyte takes. */
export const parserContests: ContestGroup = {
  name: "JSON parser",
  async run({ rounds }) {
    const [ours, ...peers] = CONTESTANTS;
    const rows: ContestRow[] = [];
    for (const { what, text, peers: names, inReadme = [] } of TEXTS) {
      const chosen = peers.filter(({ name }) => names.some((begin) => name.startsWith(begin)));
      const sides = chosen.map(async (peer) => [peer.name, await sideOf(peer, text)] as const);
      rows.push(
        ...await runContest({
          what,
          ours: { name: ours!.name, side: await sideOf(ours!, text) },
          peers: Object.fromEntries(await Promise.all(sides)),
          inReadme,
        }, { rounds: Math.min(rounds, ROUNDS), warmUp: Math.min(rounds, 3) }),
      );
    }
    return rows;
  },
};
