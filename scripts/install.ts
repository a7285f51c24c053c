/**
 * `deno task install`: adds this system to an existing Supabase project, brings a newer version, and takes it away.
 *
 * Nothing of the project is overwritten: what stands in the way is named with the choices that there are, before the
 * first file is written.
 *
 * @module
 */

import { requireDeno } from "./lib/requireDeno.ts";

requireDeno();
// Not a static import: an older Deno would fail on it before it could say what is wrong.
const { runInstallProgram } = await import("./install/program.ts");
if (import.meta.main) Deno.exit(await runInstallProgram(Deno.args));
