/** A project with a target, its provider's server, and workers that live or die. @module */

import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import type { RpcPort } from "../../supabase/functions/_shared/core/ports.ts";
import { requestDeployment, type StoredDeployment } from "../../supabase/functions/_shared/deploymentDb.ts";
import {
  carryOutDeployments,
  type DeploymentCounters,
  type DeploymentMeans,
} from "../../supabase/functions/_shared/deployments.ts";
import { readDeploymentFailure } from "../../supabase/functions/_shared/deploymentFailures.ts";
import { type Contract, openContract, setSetting } from "./contract.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";
import { DEPLOY_TOKEN } from "./deployServers.ts";

/** How long a call of a provider is waited for in tests. */
const TIMEOUT_MS = 300;

/** A database in which projects are deployed. */
export interface DeployWorld extends AsyncDisposable {
  database: TestDatabase;
  contract: Contract;
  /** Says where a project is deployed to. */
  target(provider: string, config: Record<string, unknown>, project?: string): Promise<void>;
  /** Asks for a deployment as a machine. */
  ask(changes?: StoredDeployment["changes"], project?: string, key?: string): Promise<StoredDeployment>;
  /** One worker's go. */
  work(changes?: Partial<DeploymentMeans>): Promise<DeploymentCounters>;
  /** Lets time pass for all deployments. */
  pass(seconds: number): Promise<void>;
  /** Works and lets time pass until the deployment has ended, at most so many times. */
  finish(id: string, changes?: Partial<DeploymentMeans>): Promise<StoredDeployment>;
  read(id: string): Promise<StoredDeployment>;
}

/** Opens a world in which machines may deploy, as often as they like. */
export async function openDeployWorld(): Promise<DeployWorld> {
  const database = await createTestDatabase();
  const contract = await openContract(database);
  await setSetting(contract.rpc, "mode_deployment", "auto");
  await setSetting(contract.rpc, "max_deployments_per_target_hour", 1_000);
  return worldOf(database, contract);
}

function worldOf(database: TestDatabase, contract: Contract): DeployWorld {
  const { rpc } = contract;
  const work = (changes: Partial<DeploymentMeans> = {}) => carryOutDeployments(meansOf(rpc, changes));
  const read = async (id: string) =>
    (await database.query<StoredDeployment>("select * from deployment_logs where id = $1", [id]))[0]!;
  const pass = async (seconds: number) => void await database.query(PASS, [seconds]);
  return {
    database,
    contract,
    work,
    read,
    pass,
    target: async (provider, config, project = "shop") =>
      void await rpc.call("set_deployment_target", {
        p_project_id: project,
        p_provider: provider,
        p_config: config,
        p_vault_entry: "deploy_token",
        p_reason: "a test",
      }),
    ask: async (changes = {}, project = "shop", key = crypto.randomUUID()) =>
      (await requestDeployment(rpc, { project_id: project, reason: "a test", kind: "other", key, changes }))
        .deployment!,
    async finish(id, changes) {
      for (let go = 0; go < 40; go++) {
        await work(changes);
        const deployment = await read(id);
        if (deployment.finished_at !== null) return deployment;
        await pass(130);
      }
      return await read(id);
    },
    async [Symbol.asyncDispose]() {
      await contract[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const PASS = `
  update deployment_logs set next_check_at = next_check_at - make_interval(secs => $1),
    lease_expires_at = lease_expires_at - make_interval(secs => $1),
    absent_since = absent_since - make_interval(secs => $1)
  where finished_at is null`;

function meansOf(rpc: RpcPort, changes: Partial<DeploymentMeans>): DeploymentMeans {
  return {
    db: rpc,
    worker: crypto.randomUUID(),
    logger: silentLogger,
    readFailure: readDeploymentFailure,
    env: { get: (name) => name === "DEPLOY_TOKEN" ? DEPLOY_TOKEN : undefined },
    timeoutMs: TIMEOUT_MS,
    ...changes,
  };
}

/** Where a worker dies: at which of its outside actions, and whether that action was still done. */
export interface Death {
  at: number;
  isDone: boolean;
}

/** Means of a worker that dies at one of its actions; from then on it does nothing any more. */
export function dyingMeans(
  rpc: RpcPort,
  { at, isDone }: Death,
): Partial<DeploymentMeans> & { actions: () => number } {
  let actions = 0;
  const act = async <Result>(action: () => Promise<Result>): Promise<Result> => {
    actions++;
    if (actions > at || (actions === at && !isDone)) throw new Error("the worker is dead");
    const result = await action();
    if (actions === at) throw new Error("the worker is dead");
    return result;
  };
  return {
    actions: () => actions,
    db: { call: (name, args) => act(() => rpc.call(name, args)) },
    request: (input, init) => act(() => fetch(input, init)),
  };
}
