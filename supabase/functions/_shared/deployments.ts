/**
 * Deployments: asked for once under a key, recorded before they are sent, followed to their one true end.
 *
 * Asking is one call of the database; carrying out is done by later runs, a step at a time, so that no function waits
 * for minutes and a worker that dies leaves nothing half known. `docs/deployments.md` tells how providers are set up.
 *
 * @example
 * ```ts
 * import { carryOutDeployments, createDeployPort, type DeploymentMeans } from "./deployments.ts";
 *
 * async function oneRun(means: DeploymentMeans) {
 *   const deploy = createDeployPort(means.db);
 *   await deploy.request({ key: "release:42", projectId: "shop", reason: "release 42", changes: {} });
 *   return await carryOutDeployments(means);
 * }
 * console.assert(typeof oneRun === "function");
 * ```
 *
 * @module
 */

import { isHealingError } from "./core/errors.ts";
import type { Json, RpcPort } from "./core/ports.ts";
import { requestDeployment } from "./deploymentDb.ts";
import { assertAsked } from "./deployments/carryOut.ts";

export {
  carryOutDeployments,
  type DeploymentCounters,
  type DeploymentMeans,
  type FailureReader,
} from "./deployments/carryOut.ts";
export type { DeploymentFailure } from "./deployments/provider.ts";

/** A kept fix whose code has to be deployed, as the engine hands it over. */
interface WantedByFix {
  fixId: string;
  projectId: string;
  functionName: string | null;
  reason: string;
  action: Json;
}

/** A deployment that the winner of an experiment wants. */
interface WantedByWinner {
  key: string;
  projectId: string;
  reason: string;
  changes: Json;
}

/** Where the engine and the experiments ask for deployments. */
export interface DeployRequests {
  /** For a kept fix; `reference` is the deployment's id, null with the reason when none is made. */
  requestRedeploy(wanted: WantedByFix): Promise<{ reference: string | null; refusal?: string }>;
  /** For the winner of an experiment; rejects when it is refused, so that it is asked for later. */
  request(wanted: WantedByWinner): Promise<void>;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a generated project, all of its files; null when it is none. */
export type ProjectReader = (
  projectId: string,
) => Promise<readonly { path: string; content: string }[] | null>;

/** Makes the port; asking twice for one fix, or one experiment, is asking once. */
export function createDeployPort(
  db: RpcPort,
  { readProject }: { readProject?: ProjectReader } = {},
): DeployRequests {
  return {
    async requestRedeploy(wanted) {
      try {
        const { deployment, refusal } = await requestDeployment(db, {
          project_id: wanted.projectId,
          reason: wanted.reason,
          key: `fix:${wanted.fixId}`,
          kind: "fix",
          auto_fix_id: wanted.fixId,
          changes: await changesOf(wanted, readProject),
        });
        return deployment === null
          ? { reference: null, refusal: refusal ?? "refused" }
          : { reference: deployment.id };
      } catch (thrown) {
        // A project that nobody has said where to deploy to has none, however often it is asked.
        if (!isHealingError(thrown) || !["NOT_FOUND", "BAD_REQUEST"].includes(thrown.code)) throw thrown;
        return { reference: null, refusal: thrown.message };
      }
    },
    async request({ key, projectId, reason, changes }) {
      const experiment = /^experiment:([0-9a-f-]{36})$/.exec(key)?.[1];
      assertAsked(
        await requestDeployment(db, {
          project_id: projectId,
          reason,
          key,
          kind: "experiment_winner",
          ...(experiment === undefined ? {} : { fix_experiment_id: experiment }),
          changes: { experiment: changes },
        }),
      );
    },
  };
}

/** What a fix of code has changed: the project as it stands now, and which of its files the fix is about. */
async function changesOf(
  { fixId, projectId, functionName, action }: WantedByFix,
  readProject: ProjectReader | undefined,
): Promise<{ [key: string]: Json }> {
  const fix = { fix: { id: fixId, function: functionName, action } };
  const touched = isObject(action) && Array.isArray(action.files)
    ? action.files.flatMap((file) => isObject(file) && typeof file.path === "string" ? [file.path] : [])
    : [];
  const files = touched.length === 0 ? null : await readProject?.(projectId) ?? null;
  if (files === null) return fix;
  return { ...fix, touched, complete: true, files: files.map(({ path, content }) => ({ path, content })) };
}
