/** The workload that the system heals: a request becomes a project. @module */

import { type GenerationDependencies, generationHandler } from "../_shared/generationEndpoint.ts";

/** Makes the function's handler. */
export function createHandler(dependencies: GenerationDependencies): (request: Request) => Promise<Response> {
  return generationHandler("mega-mind-orchestrator", dependencies);
}
