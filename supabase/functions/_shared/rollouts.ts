/**
 * Lets a share of the units have a release: ten of a hundred, then twenty-five, and at last everybody.
 *
 * Who is in is decided by a hash of release and unit, so a unit that is in stays in when the share grows, in every
 * isolate, and nobody has to be asked. The share is read once an isolate and then in the background; while it cannot be
 * read the last one holds for five minutes, and after that nobody is in. The request is noted as one of the release or
 * of its control, which is how both are compared; a unit counts once a minute, so that one busy unit whose every call
 * fails is no regression.
 *
 * @example
 * ```ts
 * import { RolloutReader } from "./rollouts.ts";
 *
 * const rollouts = new RolloutReader({ readShare: () => Promise.resolve(0.25) });
 * const units = Array.from({ length: 1_000 }, (_, index) => `user-${index}`);
 * const inside = await Promise.all(units.map((unit) => rollouts.isIn("release-7", unit)));
 * const share = inside.filter(Boolean).length / units.length;
 * if (Math.abs(share - 0.25) > 0.05) throw new Error(`unexpected: ${share}`);
 * ```
 *
 * @module
 */

import { type Clock, systemClock } from "./core/clock.ts";
import { optionCheck } from "./core/options.ts";
import { noteArm } from "./core/requestArms.ts";
import { readSettings } from "./core/settings.ts";
import { placeOf } from "./core/stickyPlace.ts";
import { currentRequest, outsideTrace } from "./tracing.ts";

const check = optionCheck("create RolloutReader");

/** How shares are read. */
export interface RolloutReaderOptions {
  /** The share of a deployment, 0..1; asked once an isolate and then in the background. */
  readShare: (deploymentId: string) => Promise<number>;
  /** Milliseconds after which it is asked again; 15,000. */
  freshMs?: number;
  /** Milliseconds for which a share holds that cannot be read any more; 300,000. */
  staleMs?: number;
  /** Milliseconds that the first reading of an isolate may take; 1,000. */
  firstMs?: number;
  clock?: Clock;
}

interface Known {
  share: number;
  readAt: number;
}

interface Entry {
  known: Known | undefined;
  askedAt: number;
  reading: Promise<void> | undefined;
}

/** Deployments that one isolate keeps; more are names made at run time. */
const MOST_DEPLOYMENTS = 100;
/** Units of one minute; more are counted all the same, and only not told apart. */
const MOST_UNITS = 20_000;

/** Reads shares and decides by them. One an isolate is enough: {@link isInRollout}. */
export class RolloutReader {
  readonly #options: Required<RolloutReaderOptions>;
  readonly #entries = new Map<string, Entry>();
  #units = new Set<string>();
  #minute = Number.NaN;

  /** Throws a `RangeError` for an option that makes no sense. */
  constructor(options: RolloutReaderOptions) {
    this.#options = { freshMs: 15_000, staleMs: 300_000, firstMs: 1_000, clock: systemClock, ...options };
    const { freshMs, staleMs, firstMs } = this.#options;
    for (const [key, value] of Object.entries({ freshMs, staleMs, firstMs })) {
      check(key, value, Number.isFinite(value) && value >= 1, ">= 1");
    }
  }

  /** Whether a unit has a deployment. Never rejects for want of a database; throws a `RangeError` for an empty name. */
  async isIn(deploymentId: string, unit: string): Promise<boolean> {
    requireName("deploymentId", deploymentId);
    requireName("unit", unit);
    const share = await this.#shareOf(deploymentId);
    const isIn = placeOf(`${deploymentId}:${unit}`) < (share ?? 0);
    // What is not known to be rolled out is compared with nothing.
    if (share !== undefined && share > 0) this.#note(deploymentId, unit, isIn);
    return isIn;
  }

  async #shareOf(deploymentId: string): Promise<number | undefined> {
    const entry = this.#entryOf(deploymentId);
    const { freshMs, staleMs, firstMs, clock } = this.#options;
    const now = clock.monotonic();
    if (entry.reading === undefined && now - entry.askedAt >= freshMs) {
      entry.askedAt = now;
      entry.reading = this.#read(deploymentId, entry);
    }
    if (entry.known === undefined && entry.reading !== undefined) {
      const nap = new AbortController();
      await Promise.race([entry.reading, clock.sleep(firstMs, nap.signal).catch(() => {})]);
      nap.abort();
    }
    const { known } = entry;
    return known === undefined || clock.monotonic() - known.readAt > staleMs ? undefined : known.share;
  }

  #entryOf(deploymentId: string): Entry {
    const known = this.#entries.get(deploymentId);
    if (known !== undefined) return known;
    if (this.#entries.size >= MOST_DEPLOYMENTS) this.#entries.clear();
    const entry: Entry = { known: undefined, askedAt: -Infinity, reading: undefined };
    this.#entries.set(deploymentId, entry);
    return entry;
  }

  async #read(deploymentId: string, entry: Entry): Promise<void> {
    try {
      const share = await outsideTrace(() => this.#options.readShare(deploymentId));
      // A share that is none lets nobody in.
      entry.known = {
        share: share >= 0 && share <= 1 ? share : 0,
        readAt: this.#options.clock.monotonic(),
      };
    } catch {
      // The last one holds for a while; whoever asks next asks again.
    } finally {
      entry.reading = undefined;
    }
  }

  #note(deployment: string, unit: string, isIn: boolean): void {
    const request = currentRequest();
    if (request === undefined) return;
    const minute = Math.floor(this.#options.clock.monotonic() / 60_000);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#units = new Set();
    }
    const key = `${deployment}:${unit}`;
    if (this.#units.has(key)) return;
    if (this.#units.size < MOST_UNITS) this.#units.add(key);
    noteArm(request, { deployment, arm: isIn ? "canary" : "control" });
  }
}

function requireName(name: string, value: string): void {
  if (typeof value === "string" && value !== "") return;
  throw new RangeError(
    `Cannot read a rollout as "${name}" must be a text that is not empty: current value is ${
      typeof value === "string" ? '""' : String(value)
    }`,
  );
}

let projectReader: RolloutReader | undefined;

/**
 * Whether a unit (a user, a tenant, a session) has a deployment that is being rolled out. No round trip but the first one
 * of an isolate; without a database nobody is in.
 */
export function isInRollout(deploymentId: string, unit: string): Promise<boolean> {
  projectReader ??= new RolloutReader({ readShare: readShareOfProject });
  return projectReader.isIn(deploymentId, unit);
}

/** Loaded with the first reading. */
async function readShareOfProject(deploymentId: string): Promise<number> {
  const [{ createServiceRpc }, { getRolloutShare }] = await Promise.all([
    import("./supabaseClient.ts"),
    import("./rolloutDb.ts"),
  ]);
  return Number((await getRolloutShare(createServiceRpc(readSettings()), deploymentId)).share);
}
