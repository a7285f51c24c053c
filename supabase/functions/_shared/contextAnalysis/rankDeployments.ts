/**
 * Which of the latest deployments did an error come with: by time, by what was changed, and by the error rate.
 *
 * Time alone accuses whatever was deployed last; so what the stack trace names weighs most, and a rise of the error rate,
 * judged by a sequential test, as much as time. What was deployed after the error began is no candidate.
 *
 * @module
 */

/** A deployment before the error. */
export interface DeploymentCandidate {
  id: string;
  /** Milliseconds since 1970. */
  deployedAtMs: number;
  /** Paths that it changed. */
  files: readonly string[];
  /** Names of the functions that it changed. */
  functions: readonly string[];
  /** Evidence that the error rate has risen since, see `evidenceAgainstBaseline`; null where it cannot be told. */
  evidence: number | null;
}

/** The error, as far as it tells where it came from. */
export interface AccusingError {
  firstSeenAtMs: number;
  functionName: string | null;
  /** Paths of the files of its stack trace, as they stand there. */
  frames: readonly string[];
}

/** A deployment in its place, and why. */
export interface RankedDeployment {
  id: string;
  /** 0..1. */
  score: number;
  reason: string;
  parts: { time: number; overlap: number; evidence: number };
}

const WEIGHTS = { time: 0.3, overlap: 0.4, evidence: 0.3 } as const;
/** After so long a deployment counts for a third. */
const FADES_MS = 30 * 60_000;
/** Clocks of databases and providers differ. */
const TOLERANCE_MS = 2 * 60_000;
/** From this evidence on it counts in full. */
const CERTAIN = 100;

/** The candidates, the likeliest first; equal ones by the later deployment, then by id. */
export function rankDeployments(
  error: AccusingError,
  candidates: readonly DeploymentCandidate[],
): RankedDeployment[] {
  return candidates
    .filter(({ deployedAtMs }) => error.firstSeenAtMs - deployedAtMs >= -TOLERANCE_MS)
    .map((candidate) => ({ candidate, ranked: rank(error, candidate) }))
    .sort((one, other) =>
      other.ranked.score - one.ranked.score || other.candidate.deployedAtMs - one.candidate.deployedAtMs ||
      (one.candidate.id < other.candidate.id ? -1 : 1)
    )
    .map(({ ranked }) => ranked);
}

/** Paths of files that a stack trace names, each once and in its order. */
export function filesOfTrace(trace: string): string[] {
  const names = trace.slice(0, 20_000).matchAll(/[\w@./-]{1,300}\.(?:[cm]?[jt]sx?|sql)\b/g);
  return [...new Set([...names].map(([name]) => name))].slice(0, 100);
}

function rank(error: AccusingError, candidate: DeploymentCandidate): RankedDeployment {
  const sinceMs = Math.max(0, error.firstSeenAtMs - candidate.deployedAtMs);
  const time = Math.exp(-sinceMs / FADES_MS);
  const touched = candidate.files.filter((file) => error.frames.some((frame) => isSameFile(frame, file)));
  const isOwn = error.functionName !== null && candidate.functions.includes(error.functionName);
  const overlap = isOwn || touched.length > 0 ? 1 : 0;
  const { evidence: winnings } = candidate;
  const evidence = winnings === null || !(winnings > 1)
    ? 0
    : Math.min(1, Math.log(winnings) / Math.log(CERTAIN));
  const parts = { time, overlap, evidence };
  const score = WEIGHTS.time * time + WEIGHTS.overlap * overlap + WEIGHTS.evidence * evidence;
  const reason = [
    `it began ${Math.round(sinceMs / 60_000)} minutes after it`,
    isOwn
      ? `it changed the function ${error.functionName}`
      : touched.length > 0
      ? `the trace names ${touched.slice(0, 3).join(", ")}`
      : "nothing that the trace names was changed",
    winnings === null
      ? "whether the error rate has risen cannot be told"
      : `evidence that the error rate has risen: ${
        winnings >= 1e15 ? "over 1e15" : Number(winnings.toPrecision(3))
      }`,
  ].join("; ");
  return { id: candidate.id, score, reason, parts };
}

/** A trace names files by where they lie when they run; the change by where they lie in the project. */
function isSameFile(frame: string, file: string): boolean {
  const [one, other] = [frame, file].map((path) =>
    path.split("/").filter((part) => part !== "" && part !== ".")
  );
  const length = Math.min(one!.length, other!.length);
  // A bare name such as index.ts says nothing.
  return length >= 2 && one!.slice(-length).join("/") === other!.slice(-length).join("/");
}
