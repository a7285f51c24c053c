/** Building and deploying: package managers, compilers, git, the Supabase CLI, Vercel. @module */

import type { ClassifierRule } from "./rule.ts";

/** The rules in their order. */
export const DEPLOYMENT_RULES: readonly ClassifierRule[] = [
  {
    key: "platform.restricted",
    errorType: "platform_limit",
    pattern:
      /exceed_\S{0,40}quota|overdue_payment|Service for this project is restricted|project (?:is )?paused|DEPLOYMENT_(?:PAUSED|DISABLED)/i,
  },
  { key: "platform.status", errorType: "platform_limit", statuses: [402, 540, 507] },
  {
    key: "deploy.throttled",
    errorType: "rate_limited",
    category: "deployment",
    pattern: /FUNCTION_THROTTLED/,
  },
  {
    key: "deploy.lockfile",
    errorType: "lockfile_out_of_sync",
    pattern:
      /can only install packages when your package\.json and package-lock\.json|lockfile (?:is out of date|would have been modified)|ERR_PNPM_OUTDATED_LOCKFILE|frozen-lockfile/i,
  },
  { key: "deploy.lockfile_code", errorType: "lockfile_out_of_sync", codes: ["EUSAGE"] },
  {
    key: "deploy.type_check",
    errorType: "type_check_failed",
    pattern: /\bTS\d{4,5}(?: \[ERROR\])?:|error TS\d{4,5}\b|Type error: |Type checking failed/,
  },
  {
    key: "deploy.git_rejected",
    errorType: "git_rejected",
    pattern: /! \[(?:remote )?rejected\]|non-fast-forward|failed to push some refs/,
  },
  {
    key: "deploy.migration_history",
    errorType: "migration_history",
    pattern:
      /Remote migration versions not found in local|local migration files to be inserted before the last migration|migration history does not match/i,
  },
  {
    key: "deploy.bundle_killed",
    errorType: "bundle_failed",
    pattern: /failed to bundle function: signal: killed/,
  },
  {
    key: "deploy.bundle",
    errorType: "build_failed",
    pattern: /failed to bundle function|Failed to bundle the function/i,
  },
  {
    key: "deploy.outside_project",
    errorType: "file_outside_project",
    pattern: /failed to read file: open [^\n]{1,200}: invalid argument/,
  },
  { key: "deploy.function_name", errorType: "invalid_function_name", pattern: /Invalid Function name/i },
  {
    key: "deploy.refused",
    errorType: "deploy_failed",
    transient: false,
    pattern: /unexpected (?:deploy|create function|update function|list functions) status 4(?!29)\d\d/i,
  },
  {
    key: "deploy.api_failed",
    errorType: "deploy_failed",
    pattern: /unexpected (?:deploy|create function|update function|list functions) status (?:5|429)/i,
  },
  {
    key: "deploy.missing_package",
    errorType: "missing_package",
    pattern:
      /Cannot find package '(?<package>[^'\n]{1,200})'|Module not found: (?:Error: )?Can't resolve '(?<package2>[^'\n]{1,200})'|npm (?:error|ERR!) (?:code )?E404/,
  },
  {
    key: "deploy.build",
    errorType: "build_failed",
    pattern:
      /Build failed|EINTEGRITY|ETARGET|Docker is not running|command not found|Command "[^"\n]{1,120}" exited with|ERESOLVE/i,
  },
  {
    key: "deploy.health",
    errorType: "deploy_failed",
    transient: false,
    pattern: /(?:5xx|timeout|error) rate > baseline|health check failed after deploy/i,
  },
];
