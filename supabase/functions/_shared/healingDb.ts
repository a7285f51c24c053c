/**
 * The typed client of the database contract: one function here for each SQL function, one round trip each.
 *
 * Every function takes an {@link RpcPort} first, so that the same code runs over HTTP (edge functions) and inside a
 * direct transaction (fixes that must be atomic). All reject with a {@link HealingError}.
 *
 * @module
 */

export type { RpcPort } from "./core/ports.ts";
export * from "./healingDb/events.ts";
export * from "./healingDb/patterns.ts";
export * from "./healingDb/context.ts";
export * from "./healingDb/errors.ts";
export * from "./healingDb/fixes.ts";
export * from "./healingDb/operations.ts";
export * from "./healingDb/runs.ts";
export * from "./healingDb/breakers.ts";
export * from "./healingDb/fallbackLogs.ts";
export * from "./healingDb/metrics.ts";
export * from "./healingDb/traces.ts";
export * from "./healingDb/ai.ts";
export * from "./healingDb/writes.ts";
export * from "./healingDb/notifications.ts";
export * from "./healingDb/schemaCache.ts";
