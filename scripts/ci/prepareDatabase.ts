/**
 * Makes a database that looks like a fresh Supabase project, for tools that connect from outside:
 * `deno run --allow-all scripts/ci/prepareDatabase.ts <superuser url> <name>`.
 *
 * @module
 */

import { runSql } from "../lib/scratchServer.ts";
import { applyPlatform } from "../stack/platform.ts";

const [serverUrl = "", name = ""] = Deno.args;
await runSql(serverUrl, `create database ${name}`);
const url = new URL(serverUrl);
url.pathname = `/${name}`;
await applyPlatform(url.href);
// The platform lets postgres create it; on a plain server only a superuser may, and `supabase db lint` needs it.
await runSql(url.href, "create extension plpgsql_check with schema extensions");
