/** Listens to `notify` and comes back when the connection was lost. @module */

import { Client } from "../../supabase/functions/_shared/postgres.ts";
import { type Clock, systemClock } from "../../supabase/functions/_shared/core/clock.ts";

/** What to call for which channel. */
export type Channels = Readonly<Record<string, () => void>>;

const RETRY_MS = 1_000;

/** Calls back for each notification, and once for every channel after a gap, in which some may have been lost. */
export class DatabaseListener {
  readonly #url: string;
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #stopped = new AbortController();
  #client: Client | undefined;
  #loop: Promise<void> | undefined;

  constructor(url: string, channels: Channels, clock: Clock = systemClock) {
    this.#url = url;
    this.#channels = channels;
    this.#clock = clock;
  }

  /** Returns when it listens for the first time. */
  async start(): Promise<void> {
    const { lost } = await this.#connect();
    this.#loop = this.#keep(lost);
  }

  /** Listens no more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#client?.end().catch(() => {});
    await this.#loop;
  }

  async #keep(lost: Promise<void>): Promise<void> {
    await lost;
    while (!this.#stopped.signal.aborted) {
      try {
        const { lost: lostAgain } = await this.#connect();
        for (const call of Object.values(this.#channels)) call();
        await lostAgain;
      } catch {
        await this.#clock.sleep(RETRY_MS, this.#stopped.signal).catch(() => {});
      }
    }
  }

  /** Connects; `lost` settles when the connection is gone. */
  async #connect(): Promise<{ lost: Promise<void> }> {
    const client = new Client({ connectionString: this.#url });
    const lost = new Promise<void>((resolve) => client.on("end", () => resolve()));
    client.on("error", () => {});
    client.on("notification", ({ channel }) => this.#channels[channel]?.());
    await client.connect();
    this.#client = client;
    for (const channel of Object.keys(this.#channels)) await client.query(`listen "${channel}"`);
    return { lost };
  }
}
