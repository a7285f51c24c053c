/** Makes an error of a failed deployment, so that it is grouped, classified and mended as any other. @module */

import type { ClaimedDeployment } from "./deploymentDb.ts";
import type { DeploymentFailure } from "./deployments.ts";
import { analyzeError } from "./errorAnalysis.ts";
import type { CapturedError } from "./healingDb.ts";

/** The error of a failure, with the deployment that it stopped. */
export async function readDeploymentFailure(
  { message, code, status, functionName }: DeploymentFailure,
  { id, project_id, provider, action, trigger_reason }: ClaimedDeployment,
): Promise<CapturedError> {
  const { captured } = await analyzeError({ name: "DeploymentError", message, code, status }, {
    source: "deployment",
    functionName: functionName ?? `deploy:${provider}`,
    projectId: project_id,
    details: { deployment_id: id, provider, action, trigger_reason },
  });
  return captured;
}
