/** The write path of one request, which is made with its first write. @module */

import { HealingError } from "../core/errors.ts";
import type { RpcPort } from "../core/ports.ts";
import type { ResilientDb, WriteSpool } from "../resilientDbWrapper.ts";
import type { SchemaReader } from "../schemaReader.ts";
import type { InfrastructureOptions } from "../universalIntegrationHelper.ts";
import type { Isolate } from "./isolate.ts";

/** The engine's mark on a call that it makes again. */
const REPLAY_HEADER = "x-healing-replay";

/**
 * Such a call waits in the engine's queue, which outlives this isolate. Were its rows to wait in memory here, the call
 * would count as made, and they would be lost with the isolate.
 */
const NOWHERE: WriteSpool = {
  put: () => {
    throw new HealingError("UNAVAILABLE", "The database is away, and this call is one that is made again", {
      hint: "Nothing is to do: the engine's queue keeps the call and makes it once more",
    });
  },
};

/** A write path with the rights of whoever sent the request, or with the service role where the author says so. */
export function lazyDb(
  isolate: Isolate,
  request: Request,
  { role, asksModels = false }: Pick<InfrastructureOptions, "role" | "asksModels">,
): ResilientDb {
  let made: Promise<OpenDb> | undefined;
  const open = () => made ??= openDb(isolate, request, role, asksModels);
  const write = async <Result>(
    table: string,
    work: (db: ResilientDb) => Promise<Result>,
  ): Promise<Result> => {
    const { db, note } = await open();
    const result = await work(db);
    note(table);
    return result;
  };
  return {
    insert: (table, rows, options) => write(table, (db) => db.insert(table, rows, options)),
    insertMany: (table, rows, options) => write(table, (db) => db.insertMany(table, rows, options)),
    upsert: (table, rows, options) => write(table, (db) => db.upsert(table, rows, options)),
    update: (table, values, filter, options) =>
      write(table, (db) => db.update(table, values, filter, options)),
    delete: (table, filter, options) => write(table, (db) => db.delete(table, filter, options)),
  };
}

interface OpenDb {
  db: ResilientDb;
  /** Remembers that the function writes this table, in the background and once in an isolate. */
  note: (table: string) => void;
}

async function openDb(
  isolate: Isolate,
  request: Request,
  role: "service_role" | undefined,
  asksModels: boolean,
): Promise<OpenDb> {
  const { createResilientDb } = await import("../resilientDbWrapper.ts");
  const [caller, schemas, breaker, spool, loop] = await Promise.all([
    callerOf(isolate, request, role),
    isolate.schemas(role ?? apparentRole(request)),
    isolate.databaseBreaker(),
    request.headers.has(REPLAY_HEADER) ? NOWHERE : isolate.spool(),
    isolate.loop(asksModels),
  ]);
  const db = createResilientDb(caller, {
    functionName: isolate.functionName,
    schemas,
    breaker,
    spool,
    learned: (table, row, ruled, options) => loop.healFurther(table, row, ruled, options),
    ...(isolate.hasMemory ? { onHealed: reporterOf(isolate) } : {}),
  });
  return { db, note: isolate.hasMemory ? await noterOf(isolate, caller, schemas) : () => {} };
}

async function callerOf(
  isolate: Isolate,
  request: Request,
  role: "service_role" | undefined,
): Promise<RpcPort> {
  if (role === "service_role") return await isolate.service();
  return (await import("../supabaseClient.ts")).createCallerRpc(isolate.settings, request);
}

function reporterOf(isolate: Isolate) {
  return async (heals: Parameters<typeof import("../healingDb.ts").recordRequestHeals>[1]) => {
    const [db, { recordRequestHeals }] = await Promise.all([isolate.service(), import("../healingDb.ts")]);
    return await recordRequestHeals(db, heals);
  };
}

async function noterOf(
  isolate: Isolate,
  caller: RpcPort,
  schemas: SchemaReader,
): Promise<(table: string) => void> {
  const service = await isolate.service();
  return (table) => {
    const isNews = isolate.noteWritten(table);
    schemas.warm({ caller, service, functionName: isolate.functionName }, isNews ? [table] : []);
  };
}

/**
 * The role that a request says it has: by it only what is known of tables is kept apart. What the caller may really do
 * is for the database to say, and a request with a forged token learns nothing.
 */
function apparentRole(request: Request): string {
  const token = /^bearer\s+[^.\s]+\.([^.\s]+)\./i.exec(request.headers.get("authorization") ?? "")?.[1];
  try {
    const { role } = JSON.parse(atob((token ?? "").replaceAll("-", "+").replaceAll("_", "/")));
    return role === "authenticated" || role === "service_role" ? role : "anon";
  } catch {
    return "anon";
  }
}
