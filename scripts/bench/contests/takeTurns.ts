/** Contestants that take turns in one process, so that whatever else the machine does meets all of them. @module */

/** One round of a contestant: how long it took for what is compared, in milliseconds. */
export type Side = () => Promise<number>;

/** How many rounds. */
export interface Rounds {
  rounds: number;
  /** Rounds before the first that counts: for the compiler, for caches. */
  warmUp: number;
}

/** The times of each contestant, by round: a round is one turn of each, and another one begins each time. */
export async function takeTurns<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  { rounds, warmUp }: Rounds,
): Promise<Record<Name, number[]>> {
  const entries = Object.entries(sides) as [Name, Side][];
  const times = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    const first = (round + warmUp) % entries.length;
    for (const [name, side] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const time = await side();
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}

/** A round of one call. */
export function timed(call: () => PromiseLike<unknown>): Side {
  return async () => {
    const startedAt = performance.now();
    await call();
    return performance.now() - startedAt;
  };
}

/** A round of many calls, one after the other: the time of one. A single one is too short to be measured. */
export function timedMany(calls: number, call: () => PromiseLike<unknown>): Side {
  return async () => {
    const startedAt = performance.now();
    for (let made = 0; made < calls; made++) await call();
    return (performance.now() - startedAt) / calls;
  };
}
