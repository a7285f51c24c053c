/** Somebody who calls our SQL functions through the API, with a role and the claims of a token. @module */

import { type ServerError, toDatabaseError } from "../../supabase/functions/_shared/core/databaseErrors.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { callSql } from "./callSql.ts";
import type { ApiRole, TestDatabase } from "./database.ts";

/** The functions as this caller may use them. */
export function apiCaller(database: TestDatabase, role: ApiRole, claims: Record<string, unknown>): RpcPort {
  return {
    async call<Result>(name: string, args: Record<string, unknown>): Promise<Result> {
      try {
        return await database.asRole(
          role,
          { role, ...claims },
          (session) => callSql<Result>(session, name, args),
        );
      } catch (error) {
        throw toDatabaseError(error as ServerError);
      }
    },
  };
}
