/** Makes a job of a deployment: its provider, its config, its token. @module */

import type { Clock } from "../core/clock.ts";
import type { RpcPort } from "../core/ports.ts";
import type { Environment } from "../core/settings.ts";
import { z } from "../core/validation.ts";
import { type ClaimedDeployment, type ProviderName, readDeploymentSecret } from "../deploymentDb.ts";
import { createApi } from "./api.ts";
import { github } from "./github.ts";
import { hook } from "./hook.ts";
import { type DeploymentProvider, failed, type Job, type Look } from "./provider.ts";
import { supabase } from "./supabase.ts";
import { vercel } from "./vercel.ts";

/** A provider whose config has been read by its own schema. */
function read<Config>(provider: DeploymentProvider<Config>): DeploymentProvider {
  return provider as unknown as DeploymentProvider;
}

const PROVIDERS: Readonly<Record<ProviderName, DeploymentProvider>> = {
  vercel: read(vercel),
  github: read(github),
  supabase: read(supabase),
  hook: read(hook),
};

/** A provider with the job that it is to do. */
export interface OpenJob {
  provider: DeploymentProvider;
  job: Job<unknown>;
}

/** What a job is made with. */
export interface JobMeans {
  db: RpcPort;
  clock: Clock;
  env: Environment;
  request?: typeof fetch | undefined;
  /** Longest wait for an answer of a provider, instead of the provider's own. */
  timeoutMs?: number | undefined;
}

/** The job, or why it cannot be done. */
export async function openJob(
  deployment: ClaimedDeployment,
  means: JobMeans,
): Promise<OpenJob | { look: Look }> {
  const provider = PROVIDERS[deployment.provider];
  // What was sent under one config is looked for under it, whatever the target says by now.
  const config = deployment.status === "pending" ? undefined : deployment.intent?.config;
  const parsed = provider.configSchema.safeParse(config ?? deployment.target.config);
  if (!parsed.success) {
    return { look: failed(`The target's config does not fit: ${z.prettifyError(parsed.error)}`, CONFIG) };
  }
  const token = await readToken(deployment, means);
  if (token === undefined) {
    const { vault_entry: name } = deployment.target;
    return {
      look: failed(`The token is not set: neither ${name.toUpperCase()} nor ${name} in Vault`, CONFIG),
    };
  }
  const { db, clock, request, timeoutMs } = means;
  const reach = provider.reach(parsed.data, token);
  const api = createApi({
    ...reach,
    secret: token,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    clock,
    request,
  });
  return { provider, job: { deployment, config: parsed.data, token, api, db, clock } };
}

const CONFIG = { code: "CONFIG_MISSING" };
const SHORTEST_TOKEN = 16;

/** From the environment, or else from Vault; what is too short to be a token is none. */
async function readToken({ target }: ClaimedDeployment, { env, db }: JobMeans): Promise<string | undefined> {
  const token = env.get(target.vault_entry.toUpperCase()) || await readDeploymentSecret(db, target.id);
  return token !== null && token.trim().length >= SHORTEST_TOKEN ? token.trim() : undefined;
}
