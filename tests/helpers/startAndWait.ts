/** A program that starts Postgres on the folder of its first argument, says where, and then only lives. @module */

import { startPostgres } from "../../scripts/stack/postgres.ts";

const [dataDir, kind] = Deno.args;
const temporary = kind === "temporary";
const server = await startPostgres({ dataDir: dataDir!, durable: false, temporary, externalUrl: null });
await Deno.stdout.write(new TextEncoder().encode(`${server.url()}\n`));
await server.ended;
