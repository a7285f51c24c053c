/**
 * Local servers that speak the protocols of Vercel, GitHub, Supabase's Management API and a signed deploy hook, check
 * what the real ones check, and do to a request what a test tells them: refuse it, take it and lose the answer, or hang.
 *
 * ```ts
 * import { losesAnswer, VercelServer } from "./deployServers.ts";
 *
 * await using vercel = new VercelServer();
 * vercel.once("POST /v13/deployments", losesAnswer());
 * if (vercel.deployments.length !== 0) throw new Error("unexpected");
 * ```
 *
 * @module
 */

export {
  answersInstead,
  type Behaviour,
  breaksOff,
  DEPLOY_TOKEN,
  DeployServer,
  hangs,
  losesAnswer,
  takesAndAnswers,
} from "./deployServers/base.ts";
export { GitHubServer } from "./deployServers/github.ts";
export { HookServer } from "./deployServers/hook.ts";
export { SupabaseServer } from "./deployServers/supabase.ts";
export { VercelServer } from "./deployServers/vercel.ts";
