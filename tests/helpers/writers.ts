/** Callers of the write path in a test database: with a role and claims of their own, counting their requests. @module */

import { toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { callSql } from "./callSql.ts";
import type { ApiRole, TestDatabase } from "./database.ts";

/** A caller's own way to the database. */
export interface CountingCaller extends RpcPort {
  /** Requests so far. */
  calls: number;
  /** What was sent and answered, oldest first. */
  readonly log: { args: Record<string, unknown>; answer: unknown }[];
}

/** Calls as the API would: one transaction under role and claims. */
export function callerOf(
  database: TestDatabase,
  role: ApiRole,
  claims: Record<string, unknown> = {},
): CountingCaller {
  return {
    calls: 0,
    log: [],
    async call<T>(name: string, args: Record<string, unknown>): Promise<T> {
      this.calls++;
      try {
        const answer = await database.asRole(role, claims, (session) => callSql<T>(session, name, args));
        this.log.push({ args, answer });
        return answer;
      } catch (error) {
        throw toDatabaseError(error as Error);
      }
    },
  };
}

/** The most savepoints that one request of the caller took. */
export function mostSavepoints({ log }: CountingCaller): number {
  return Math.max(1, ...log.map(({ answer }) => (answer as { savepoints?: number }).savepoints ?? 1));
}

/** `count` rows, each made by its number from 0. */
export function rowsOf<R>(count: number, row: (index: number) => R): R[] {
  return Array.from({ length: count }, (_, index) => row(index));
}
