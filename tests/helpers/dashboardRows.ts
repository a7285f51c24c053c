/** The functions that the dashboard reads through, and how an admin, or anybody else, calls them. @module */

import type { TestDatabase } from "./database.ts";

/** An admin's claims. */
export const ADMIN = {
  sub: "a0000000-0000-4000-8000-000000000001",
  role: "authenticated",
  email: "admin@example.com",
  app_metadata: { role: "admin" },
};

/** Somebody who only calls himself an admin. */
export const PLAIN = {
  sub: "a0000000-0000-4000-8000-000000000002",
  role: "authenticated",
  user_metadata: { role: "admin" },
};

/** One page of a list. */
export interface Page<Row = Record<string, unknown>> {
  rows: Row[];
  next: { at: string; id: string } | null;
}

/** Calls of every function that was made for the dashboard. */
export const DASHBOARD_READS = [
  "get_dashboard_overview()",
  "get_healing_kpis()",
  "get_healing_controls()",
  "get_schedules()",
  "list_error_groups('{}')",
  "list_fixes('{}')",
  "list_approval_requests('{}')",
  "list_experiments('{}')",
  "list_patterns('{}')",
  "list_tests('{}')",
  "list_healing_runs('{}')",
  "list_queued_operations('{}')",
  "list_fallback_logs('{}')",
  "list_deployments('{}')",
  "get_error_group(gen_random_uuid())",
  "get_fix(gen_random_uuid())",
  "get_experiment(gen_random_uuid())",
  "get_learned_pattern(gen_random_uuid())",
  "get_test(gen_random_uuid())",
  "get_deployment(gen_random_uuid())",
] as const;

/** Calls a function as an admin. */
export async function readAsAdmin<T>(database: TestDatabase, call: string, ...params: unknown[]): Promise<T> {
  const [row] = await database.asRole(
    "authenticated",
    ADMIN,
    (session) => session.query<{ answer: T }>(`select public.${call} as answer`, params),
  );
  return row!.answer;
}

/** Reads a list to its end, a page at a time. */
export async function readAllPages<Row>(
  database: TestDatabase,
  name: string,
  filter: Record<string, unknown>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let after: Page["next"] = null;
  do {
    const page: Page<Row> = await readAsAdmin(
      database,
      `${name}($1)`,
      JSON.stringify(after === null ? filter : { ...filter, after }),
    );
    rows.push(...page.rows);
    after = page.next;
  } while (after !== null);
  return rows;
}
