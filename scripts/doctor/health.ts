/** What the health checks show, and what waits for a person. @module */

import {
  broken,
  type Examination,
  type Finding,
  notice,
  type Patient,
  unknown,
  well,
} from "./examination.ts";

interface Shown {
  check_name: string;
  status: string;
  reason: string;
}

/** Reads what the last looks came to. */
export const health: Examination = {
  name: "Health",
  look: async (patient) => {
    const shown = await patient.sql<Shown>(
      `select distinct on (check_name) check_name, status, reason from public.system_health_checks
       where created_at > now() - interval '10 minutes' order by check_name, created_at desc`,
    );
    if (shown.length === 0) return [unknown("nobody has looked in ten minutes", "See the schedules above.")];
    const findings = shown.flatMap(judge);
    const fine = shown.filter(({ status }) => status === "healthy").length;
    return [well(`${fine} of ${shown.length} checks are healthy`), ...findings, ...await waiting(patient)];
  },
};

function judge({ check_name, status, reason }: Shown): Finding[] {
  const says = `${check_name}: ${reason}`;
  if (status === "unhealthy") return [broken(says, "docs/health.md says what it looks at.")];
  if (status === "degraded") return [notice(says)];
  return status === "unknown" ? [notice(says, ".env.example lists what can be set")] : [];
}

async function waiting({ sql }: Patient): Promise<Finding[]> {
  const [count] = await sql<{ approvals: number; operations: number }>(
    `select (select count(*)::int from public.admin_approval_queue where status = 'pending') as approvals,
       (select count(*)::int from public.queued_operations where status = 'needs_person') as operations`,
  );
  const { approvals, operations } = count!;
  return [
    ...(approvals === 0 ? [] : [
      notice(
        `${approvals} fixes wait for a decision`,
        "select id, what_will_happen from admin_approval_queue where status = 'pending';",
      ),
    ]),
    ...(operations === 0 ? [] : [
      notice(
        `${operations} kept operations wait for a person`,
        "select id, target, last_error from queued_operations where status = 'needs_person';",
      ),
    ]),
  ];
}
