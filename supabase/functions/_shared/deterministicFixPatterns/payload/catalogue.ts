/** Every rule that heals a row, for whoever lists them. @module */

import { generatedColumnParked } from "./field/generatedColumnParked.ts";
import { nullToDefault } from "./field/nullToDefault.ts";
import { undefinedLeftOut } from "./field/undefinedLeftOut.ts";
import { catchAllJson } from "./learned/catchAllJson.ts";
import { confirmedMapping } from "./learned/confirmedMapping.ts";
import { embeddedObject } from "./learned/embeddedObject.ts";
import { spreadObject } from "./learned/spreadObject.ts";
import { flattenedObject } from "./rename/flattenedObject.ts";
import { normalisedName } from "./rename/normalisedName.ts";
import { CAST_RULES, NAME_RULES } from "./rules.ts";

/** A rule as a list shows it. */
export interface PayloadRule {
  /** Stable name, in evidence. */
  readonly key: string;
  /** Prior confidence, 0.6 to 0.98. */
  readonly confidence: number;
  /** Why it helps, one sentence. */
  readonly because: string;
}

/** All rules for rows: renames, casts and fields that leave. */
export const PAYLOAD_RULES: readonly PayloadRule[] = [
  normalisedName,
  ...NAME_RULES,
  flattenedObject,
  confirmedMapping,
  embeddedObject,
  spreadObject,
  catchAllJson,
  ...CAST_RULES,
  nullToDefault,
  generatedColumnParked,
  undefinedLeftOut,
];
