/** Fails when the types of the database are not those of the schema that the migrations build. @module */

import { compareGenerated, type Gate } from "../lib/gate.ts";
import { generateDatabaseTypes } from "../lib/databaseTypes.ts";

/** Where the types are. */
export const DATABASE_TYPES = "supabase/functions/_shared/core/database.types.ts";

/** The gate. */
export const typesGate: Gate = {
  name: "types",
  run: async (context) =>
    await compareGenerated(context, DATABASE_TYPES, await generateDatabaseTypes(context.rows)),
};
