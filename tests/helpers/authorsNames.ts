/**
 * What stands in the examples of the pages without being declared there: the author's own functions and values.
 * A name of the library never stands here; an example has to import it.
 *
 * @module
 */

import type { ProjectFile } from "../../supabase/functions/_shared/core/projectPaths.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";
import type { RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import { createServiceRpc } from "../../supabase/functions/_shared/supabaseClient.ts";

const settings = readSettings();
const { publishableKey = "" } = settings;

/** Where the project answers. */
export const url: string = settings.url ?? "";
/** A machine's key. */
export const secretKey: string = Deno.env.get("CRON_SECRET") ?? "";
/** The database under the service role. */
export const db: RpcPort = createServiceRpc(settings);
/** The database's own connection. */
export const databaseUrl: string = Deno.env.get("SUPABASE_DB_URL") ?? "";
/** A migration. */
export const sql = "create table plans (id bigint primary key, slug text default gen_random_uuid()::text)";

/** What a function was asked. */
export const request: Request = new Request("http://project.example/functions/v1/chat", {
  method: "POST",
  headers: { apikey: publishableKey, "idempotency-key": "order 7 of anna" },
  body: "{}",
});
/** Who asked it. */
export const user = { id: "anna" };

/** What is moved from one account to another. */
export const amount = 5;
/** The account that pays. */
export const from = 1;
/** The account that is paid. */
export const to = 2;
/** A payment outside of the database. */
export const payment = "payment 7";
/** Takes a payment back. */
export const refund = (_payment?: string): Promise<void> => Promise.resolve();

/** What a model is asked. */
export const question = "Plan a page with a title.";
/** A model, called by the author's own client. */
export const askModel = (_question: string, _signal?: AbortSignal): Promise<string> =>
  Promise.resolve('{"title": "Home"}');
/** What a model replied. */
export const reply = '{"title": "Home",}';
/** The same, piece by piece. */
export const chunks: AsyncIterable<string> = ReadableStream.from(['{"title":', ' "Home"}']);
/** What a reply has to be. */
export const schema = z.object({ title: z.string() });
/** Shows a value to somebody. */
export const show = (_value: unknown): void => {};

/** A partner's price of an item. */
export const fetchPrice = (_item: string, _signal?: AbortSignal): Promise<number> => Promise.resolve(7);
/** The last prices that were known. */
export const lastPrices: Map<string, { value: number; ageMs: number }> = new Map();

/** The id of a plan. */
export const id = "0a6b1cde-0000-4000-8000-000000000007";
/** Loads a plan. */
export const loadPlan = (_id: string): Promise<{ files: string[] }> => Promise.resolve({ files: ["a"] });
/** Work that takes long. */
export const generate = (_signal: AbortSignal): Promise<string> => Promise.resolve("done");
/** The text of a message. */
export const body = "It has waited for an hour.";
/** The files of a generated project. */
export const files: ProjectFile[] = [{ path: "src/app.ts", content: 'export const title = "Home"\n' }];
