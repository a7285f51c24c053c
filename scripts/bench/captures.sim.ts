/**
 * How fast errors are captured, against the functions of the version before on the same server: the two take turns,
 * and the ratio of their medians is what counts.
 *
 * @module
 */

import { type CapturedError, captureErrors } from "../../supabase/functions/_shared/healingDb.ts";
import { type DirectConnection, openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { occurrence } from "../../tests/helpers/contract.ts";
import { type Finding, quantileOf, reportFindings } from "../lib/simulation.ts";
import { runSql, startScratchServer } from "../lib/scratchServer.ts";
import { MIGRATIONS_DIRECTORY } from "../stack/migrate.ts";

const BEFORE = "20261121110200_add_capture_functions.sql";
const CONNECTIONS = 8;
const ROUNDS = 60;

function newError(fingerprint: string): CapturedError {
  return occurrence({
    fingerprint: `v2:${fingerprint}`,
    previous_fingerprint: `v1:${fingerprint}`,
    stack_trace: "Error: x\n    at f (/app/src/a.ts:1:2)",
  });
}

/** What the connection with this number sends in this round. */
type MakeBatch = (round: number, connection: number) => CapturedError[];

/** Milliseconds for one call on each connection at once. */
async function timeRound(
  connections: readonly DirectConnection[],
  round: number,
  makeBatch: MakeBatch,
): Promise<number> {
  const batches = connections.map((_, connection) => makeBatch(round, connection));
  const startedAt = performance.now();
  await Promise.all(connections.map(({ rpc }, connection) => captureErrors(rpc, batches[connection]!)));
  return performance.now() - startedAt;
}

async function compare(
  scenario: string,
  now: readonly DirectConnection[],
  before: readonly DirectConnection[],
  makeBatch: MakeBatch,
): Promise<Finding[]> {
  const times: { now: number[]; before: number[] } = { now: [], before: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.before.push(await timeRound(before, round, makeBatch));
    times.now.push(await timeRound(now, round, makeBatch));
  }
  const [after, earlier] = [quantileOf(times.now, 0.5), quantileOf(times.before, 0.5)];
  const perSecond = 1_000 * CONNECTIONS * makeBatch(0, 0).length / after;
  return [
    { scenario, figure: "time now against before", value: after / earlier, runs: ROUNDS },
    { scenario, figure: "errors per second", value: perSecond, runs: ROUNDS },
  ];
}

async function simulateCaptures(): Promise<Finding[]> {
  await using server = await startScratchServer();
  const [now, before] = [await server.createDatabase(), await server.createDatabase()];
  await runSql(before, await Deno.readTextFile(`${MIGRATIONS_DIRECTORY}/${BEFORE}`));
  const open = (url: string) =>
    Promise.all(Array.from({ length: CONNECTIONS }, () => openDirectConnection(url)));
  const [nowConnections, beforeConnections] = [await open(now), await open(before)];
  const many = Array.from({ length: 50 }, (_, index) => newError(String(index)));
  const findings = [
    ...await compare("one known error", nowConnections, beforeConnections, () => [newError("a")]),
    ...await compare("fifty known errors", nowConnections, beforeConnections, () => many),
    ...await compare("a new error each", nowConnections, beforeConnections, (round, connection) => [
      newError(`new ${round} ${connection}`),
    ]),
    ...await compare("the same new error", nowConnections, beforeConnections, (round) => [
      newError(`new ${round}`),
    ]),
  ];
  await Promise.all([...nowConnections, ...beforeConnections].map((connection) => connection.close()));
  return findings;
}

if (import.meta.main) reportFindings(await simulateCaptures());
