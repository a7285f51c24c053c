/** Functions of the database and of the project that the code calls by name. @module */

import { type Need, qualified } from "../need.ts";
import type { ModelFunction } from "../schemaModel.ts";
import type { RoutineUse } from "../sourceCalls.ts";
import type { ProjectRead } from "./context.ts";

/** The needs for functions of the database. */
export function routineNeeds({ code, model }: ProjectRead): Need[] {
  return code.flatMap(({ routines }) => routines).map((use): Need => {
    const { schema, name, args, place } = use;
    const made = model.functions.find((one) =>
      one.schema === schema && one.name === name && accepts(one, use)
    );
    const list = args === null ? "" : ` with the arguments (${args.join(", ")})`;
    return {
      subject: { kind: "function", schema, name, args },
      place,
      why: `the code calls ${qualified({ schema, name })}${list}`,
      satisfy: `a function ${qualified({ schema, name })} that takes these arguments by name`,
      ...(made === undefined ? {} : { madeAt: made.place }),
      certainty: "sure",
    };
  });
}

/** The API finds a function by the names of the arguments that it is called with. */
function accepts({ args }: ModelFunction, use: RoutineUse): boolean {
  const given = use.args;
  if (given === null) return true;
  return given.every((name) => args.some((one) => one.name === name)) &&
    args.every(({ name, isOptional }) => isOptional || given.includes(name));
}

/** The needs for edge functions: whatever is invoked has a folder of its own. */
export function edgeFunctionNeeds({ code }: ProjectRead): Need[] {
  const homes = new Map(code.flatMap(({ path }) => {
    const name = /(?:^|\/)functions\/([^/_][^/]*)\//.exec(path)?.[1];
    return name === undefined ? [] : [[name, path] as const];
  }));
  return code.flatMap(({ invoked }) => invoked).map(({ name, place }): Need => {
    const home = homes.get(name);
    return {
      subject: { kind: "edge_function", name },
      place,
      why: `the code calls the function ${name}`,
      satisfy: `a folder supabase/functions/${name}, deployed`,
      ...(home === undefined ? {} : { madeAt: { file: home, line: 1 } }),
      certainty: "sure",
    };
  });
}
