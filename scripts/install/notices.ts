/** What of a project may meet what is installed, although nothing stands in the way. @module */

import { isRecord } from "../../supabase/functions/_shared/core/unknownValues.ts";
import { parseToml } from "../stack/toml.ts";
import { CONFIG, type Target } from "./target.ts";

/** Sentences about the project. */
export async function noticesFor(target: Target): Promise<string[]> {
  return [...await ofCompiler(target), ...await ofSchemas(target), ...await ofConfig(target)];
}

/** A build of the app that reads every TypeScript file of the folder fails on code for Deno. */
async function ofCompiler(target: Target): Promise<string[]> {
  const place = await target.look("tsconfig.json");
  if (place.kind !== "file" || /"exclude"\s*:\s*\[[^\]]*"[^"]*\bsupabase\b/.test(place.text)) return [];
  if (
    /"include"\s*:\s*\[/.test(place.text) &&
    !/"include"\s*:\s*\[[^\]]*"(?:\*\*|\.\/\*\*|\.|supabase)/.test(place.text)
  ) return [];
  return [
    'tsconfig.json takes in supabase/functions, which only Deno understands: add "supabase" to its "exclude".',
  ];
}

/** A schema that is declared is compared with what the migrations build. */
async function ofSchemas(target: Target): Promise<string[]> {
  const declared = (await target.names("supabase/schemas")).filter((name) => name.endsWith(".sql"));
  if (declared.length === 0) return [];
  return [
    "supabase/schemas declares your schema: `db diff` will propose to drop our tables, which stand in migrations alone. Leave that out.",
  ];
}

async function ofConfig(target: Target): Promise<string[]> {
  const place = await target.look(CONFIG);
  if (place.kind !== "file") return [];
  const { edge_runtime: runtime, api, db } = parseToml(place.text) as Record<string, unknown>;
  const notices: string[] = [];
  if (isRecord(runtime) && runtime.enabled === false) {
    notices.push("[edge_runtime] is off: no function runs on this machine until it is on.");
  }
  if (isRecord(runtime) && runtime.deno_version === 1) {
    notices.push("[edge_runtime] deno_version is 1, and the functions need 2.");
  }
  const schemas = isRecord(api) && Array.isArray(api.schemas) ? api.schemas : ["public"];
  if (!schemas.includes("public")) notices.push('[api] schemas has no "public", where our tables are.');
  if (isRecord(db) && typeof db.major_version === "number" && db.major_version < 15) {
    notices.push(`[db] major_version is ${db.major_version}, and the migrations need 15 or newer.`);
  }
  if (isRecord(db) && isRecord(db.migrations) && db.migrations.enabled === false) {
    notices.push("[db.migrations] is off: db push applies nothing until it is on.");
  }
  return notices;
}
