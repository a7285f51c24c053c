/** What the requests of one isolate share; each part is made when it is first needed. @module */

import type { AiClient } from "../aiClient.ts";
import type { CircuitBreaker, CircuitBreakerOptions } from "../circuitBreaker.ts";
import { HealingError } from "../core/errors.ts";
import type { RpcPort } from "../core/ports.ts";
import type { PlatformSettings } from "../core/settings.ts";
import { FallbackLogger } from "../fallbackLogger.ts";
import type { WriteSpool } from "../resilientDbWrapper.ts";
import type { SchemaReader } from "../schemaReader.ts";
import type { SelfHealingLoop } from "../selfHealingLoop.ts";
import type { TimeoutActions } from "../timeout.ts";

/** What waits in an isolate has only its short life: the database is asked again soon. */
const DATABASE_COOLDOWN_MS = 5_000;
/** Beyond that the names are made at run time, and say nothing about the next run. */
const MOST_TABLES = 200;

/** The shared parts of one function in one project. */
export class Isolate {
  readonly #kept = new Map<string, unknown>();
  readonly #written = new Set<string>();

  constructor(readonly settings: PlatformSettings, readonly functionName: string) {}

  /** True where the memory can be reached: without a secret key calls heal all the same, and nothing is recorded. */
  get hasMemory(): boolean {
    return this.settings.url !== undefined && this.settings.secretKeys.length > 0;
  }

  /** The SQL functions with the service role. */
  service(): Promise<RpcPort> {
    return this.#once("service", async () => {
      if (!this.hasMemory) {
        throw new HealingError("CONFIG_MISSING", "SUPABASE_URL or a secret key is not set");
      }
      return (await import("../supabaseClient.ts")).createServiceRpc(this.settings);
    });
  }

  /** The breaker of a target, shared with all isolates where there is a database. */
  breaker(name: string): Promise<CircuitBreaker> {
    return this.#once(`breaker ${name}`, async () => {
      const { CircuitBreaker } = await import("../circuitBreaker.ts");
      return new CircuitBreaker(name, await this.#stored());
    });
  }

  /** The breaker of the database: only a database that is away opens it. */
  databaseBreaker(): Promise<CircuitBreaker> {
    return this.#once("breaker of the database", async () => {
      const { createWriteBreaker } = await import("../resilientDbWrapper.ts");
      return createWriteBreaker("database", { ...await this.#stored(), cooldownMs: DATABASE_COOLDOWN_MS });
    });
  }

  /** Where writes of all requests wait while the database is away. */
  spool(): Promise<WriteSpool> {
    return this.#once("spool", async () => new (await import("../resilientDbWrapper.ts")).MemorySpool());
  }

  /** What is known of tables, as one role sees them. */
  schemas(role: string): Promise<SchemaReader> {
    return this.#once(`schemas ${role}`, async () => new (await import("../schemaReader.ts")).SchemaReader());
  }

  /** The tiers beyond the rules. */
  loop(asksModels: boolean): Promise<SelfHealingLoop> {
    return this.#once(`loop ${asksModels}`, async () => {
      const { SelfHealingLoop } = await import("../selfHealingLoop.ts");
      return new SelfHealingLoop({
        ...(asksModels ? { ai: () => this.ai() } : {}),
        ...(this.hasMemory ? { recall: (signatures) => this.#recall(signatures) } : {}),
      });
    });
  }

  /** The models that the environment names. */
  ai(): Promise<AiClient> {
    return this.#once("ai", async () => {
      const { createAiClient } = await import("../aiClient.ts");
      const db = this.hasMemory ? { db: await this.service() } : {};
      return createAiClient({ functionName: this.functionName, ...db });
    });
  }

  /** The `fetch` of clients whose calls heal; those without a way to a new token share what was tried in vain. */
  healingFetch(refreshToken?: () => Promise<string | null>): Promise<typeof fetch> {
    const make = async () => {
      const { createHealingFetch } = await import("../healingFetch.ts");
      return createHealingFetch({
        ...(this.hasMemory ? { service: () => this.service() } : {}),
        ...(refreshToken === undefined ? {} : { refreshToken }),
        onMended: ({ mend, method, path }) =>
          this.logger().info("a call of the REST interface was mended", { mend, method, path }),
      });
    };
    return refreshToken === undefined ? this.#once("healing fetch", make) : make();
  }

  /** The log; one for the isolate, whatever the function is called, since they share a file. */
  logger(): FallbackLogger {
    log ??= new FallbackLogger({
      sink: async () => {
        const [db, { storeFallbackLogs }] = await Promise.all([this.service(), import("../healingDb.ts")]);
        return { store: (entries) => storeFallbackLogs(db, entries) };
      },
    });
    return log;
  }

  /** True the first time that this function writes the table. */
  noteWritten(table: string): boolean {
    if (this.#written.has(table) || this.#written.size >= MOST_TABLES) return false;
    this.#written.add(table);
    return true;
  }

  /** What the project does when a call takes too long; loaded when the first one does. */
  timeoutActions(): Promise<TimeoutActions> {
    return this.#once("timeout actions", async () => {
      const [db, { projectTimeoutActions }] = await Promise.all([
        this.service(),
        import("../timeoutActions.ts"),
      ]);
      return projectTimeoutActions({ db, functionName: this.functionName });
    });
  }

  async #stored(): Promise<CircuitBreakerOptions> {
    if (!this.hasMemory) return {};
    const [db, { breakerStore }] = await Promise.all([this.service(), import("../healingDb.ts")]);
    return {
      store: breakerStore(db),
      alert: async (alert) => await (await import("../notifications.ts")).breakerAlert(db)(alert),
    };
  }

  async #recall(signatures: readonly string[]) {
    const [db, { findHealingPatterns }] = await Promise.all([this.service(), import("../healingDb.ts")]);
    return await findHealingPatterns(db, signatures);
  }

  /** Made once; what failed to be made is tried again by the next who needs it. */
  #once<Part>(name: string, make: () => Promise<Part>): Promise<Part> {
    let part = this.#kept.get(name) as Promise<Part> | undefined;
    if (part === undefined) {
      part = make();
      part.catch(() => this.#kept.delete(name));
      this.#kept.set(name, part);
    }
    return part;
  }
}

let log: FallbackLogger | undefined;
const isolates = new Map<string, Isolate>();

/** The shared parts of a function. */
export function isolateOf(settings: PlatformSettings, functionName: string): Isolate {
  const key = JSON.stringify([settings.url, functionName, settings.secretKeys.length > 0]);
  let isolate = isolates.get(key);
  if (isolate === undefined) isolates.set(key, isolate = new Isolate(settings, functionName));
  return isolate;
}

/** Ends what listens and waits in the isolate; for tests and programs that end. */
export function closeIsolate(): void {
  log?.close();
  log = undefined;
  isolates.clear();
}
