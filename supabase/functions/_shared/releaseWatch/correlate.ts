/** Which deployments young errors came with. @module */

import { filesOfTrace, rankDeployments } from "../contextAnalysis.ts";
import type { RpcPort } from "../core/ports.ts";
import {
  type ErrorWithDeployments,
  findUncorrelatedErrors,
  recordDeploymentCorrelations,
} from "../rolloutDb.ts";
import { judgeCanary, type MinuteCounts } from "../statistics.ts";

type Candidate = ErrorWithDeployments["candidates"][number];

/** Finds and keeps them; returns how many errors were looked at. */
export async function correlateErrors(
  db: RpcPort,
  options: { projectId?: string | null; limit?: number } = {},
): Promise<number> {
  const errors = await findUncorrelatedErrors(db, options);
  for (const error of errors) await recordDeploymentCorrelations(db, error.id, rankFor(error));
  return errors.length;
}

function rankFor(error: ErrorWithDeployments) {
  const shifts = new Map(error.candidates.map((candidate) => [candidate.id, shiftOf(candidate)]));
  const ranked = rankDeployments(
    {
      firstSeenAtMs: Date.parse(error.first_seen_at),
      functionName: error.function_name,
      frames: filesOfTrace(error.stack_trace ?? ""),
    },
    error.candidates.map(({ id, deployed_at, files, functions }) => ({
      id,
      deployedAtMs: Date.parse(deployed_at),
      files,
      functions,
      evidence: shifts.get(id)?.againstBaseline ?? null,
    })),
  );
  return ranked.map(({ id, score, reason, parts }, index) => ({
    id,
    place: index + 1,
    score,
    reason,
    details: { ...parts, shift: { ...shifts.get(id) } },
  }));
}

/** By the same test that a canary is judged by; null where there is too little of either side. */
function shiftOf({ shift }: Candidate) {
  if (shift === null) return null;
  const minutes: MinuteCounts[] = shift.after.map(([n, errors]) => ({
    canary: { n: Number(n), errors: Number(errors) },
    control: { n: 0, errors: 0 },
  }));
  const buckets = shift.before.map(([n, errors]) => ({ n: Number(n), errors: Number(errors) }));
  const baseline = buckets.length === 0 ? null : { buckets, bucketMinutes: 10 };
  const metric = { name: "errors", onRegression: "revert" as const, minutes, baseline };
  const { figures } = judgeCanary({
    metrics: [metric],
    share: 1,
    stepMinutes: minutes.length,
    // An error that is an hour old has no week before it to be compared with.
    plan: { minBaseline: 100 },
  });
  const [found] = figures;
  if (found === undefined) return null;
  const { n, errors, rate, baselineN, baselineRate, againstBaseline } = found;
  return { n, errors, rate, baselineN, baselineRate, againstBaseline };
}
