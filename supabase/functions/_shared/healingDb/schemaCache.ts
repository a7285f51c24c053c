/** What the REST interface does not find, looked up in the catalogue. @module */

import type { RpcPort } from "../core/ports.ts";
import type { UnknownToInterface } from "../core/unknownToInterface.ts";

/** An argument of a function. */
export interface FunctionArgument {
  name: string;
  /** The type as `format_type` prints it. */
  type: string;
  nullable: true;
  /** True for one without a default. */
  required: boolean;
}

/** What the catalogue says of a thing that the interface did not find. */
export type SchemaCacheAnswer =
  /** It is there, and the interface is told to read the schema again. */
  | { status: "stale" }
  /** It is there, and mending the database is switched off. */
  | { status: "off" }
  /** It is not there; of a function of which only the arguments differ, what it takes. */
  | { status: "missing"; arguments?: FunctionArgument[] };

/** Looks whether the catalogue has it, and lets the interface read the schema again if so: at most once a minute for it. */
export function refreshSchemaCache(
  db: RpcPort,
  missing: UnknownToInterface & { schema: string },
): Promise<SchemaCacheAnswer> {
  return db.call("refresh_schema_cache", { p_missing: missing });
}
