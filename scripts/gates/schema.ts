/** Fails when the migrations build another schema than the one written down in `tests/golden`. @module */

import { compareGenerated, type Gate } from "../lib/gate.ts";
import { dumpSchema } from "../lib/schemaDump.ts";

/** Where the schema is written down. */
export const GOLDEN_SCHEMA = "tests/golden/schema.txt";

/** The gate. */
export const schemaGate: Gate = {
  name: "schema",
  run: async (context) => await compareGenerated(context, GOLDEN_SCHEMA, await dumpSchema(context.rows)),
};
