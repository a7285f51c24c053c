/** Ours against its peers: a row for each peer, with the ratio of the two. @module */

import { quantileOf } from "../../lib/simulation.ts";
import { type Rounds, type Side, takeTurns } from "./takeTurns.ts";

/** What is compared, by whom. */
export interface Contest {
  /** What is measured, in words. */
  what: string;
  ours: { name: string; side: Side };
  /** By name and version. */
  peers: Readonly<Record<string, Side>>;
  /** The peers whose rows stand in the README; the others stand in `docs/benches.md` alone. */
  inReadme?: readonly string[];
  /** The same without ours or a peer's: it is taken off both, so that what is compared is what each adds. */
  bare?: Side;
}

/** Ours against one peer. */
export interface ContestRow {
  what: string;
  ours: string;
  peer: string;
  /** Medians, in milliseconds. */
  oursMs: number;
  peerMs: number;
  /** The time of ours through the time of the peer, round by round: below 1 ours is faster. */
  ratio: { median: number; low: number; high: number };
  rounds: number;
  inReadme: boolean;
}

/** A kind of contest: what it needs is opened, and closed at its end. `rounds` bounds how many are run. */
export interface ContestGroup {
  name: string;
  run(limits: { rounds: number }): Promise<ContestRow[]>;
}

/** Runs the contest; the rounds that count are those that the limits allow. */
export async function runContest(
  { what, ours, peers, bare, inReadme = [] }: Contest,
  rounds: Rounds,
): Promise<ContestRow[]> {
  const sides: Record<string, Side> = {
    ...peers,
    "": ours.side,
    ...(bare === undefined ? {} : { " bare": bare }),
  };
  const times = await takeTurns(sides, rounds);
  // The median, so that a round in which something else had the machine does not reach all others.
  const bareMs = bare === undefined ? 0 : quantileOf(times[" bare"]!, 0.5);
  const added = (name: string) => times[name]!.map((time) => time - bareMs);
  const oursAdded = added("");
  return Object.keys(peers).map((peer) => {
    const peerAdded = added(peer);
    const ratios = oursAdded.map((time, round) => time / peerAdded[round]!);
    return {
      what,
      ours: ours.name,
      peer,
      oursMs: quantileOf(oursAdded, 0.5),
      peerMs: quantileOf(peerAdded, 0.5),
      ratio: { median: quantileOf(ratios, 0.5), low: quantileOf(ratios, 0.1), high: quantileOf(ratios, 0.9) },
      rounds: rounds.rounds,
      inReadme: inReadme.includes(peer),
    };
  });
}
