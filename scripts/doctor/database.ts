/** The database itself: its version, and who is asking. @module */

import { broken, type Examination, type Finding, notice, well } from "./examination.ts";

const OLDEST_MAJOR = 15;

/** Looks at the server and the role. */
export const database: Examination = {
  name: "Database",
  look: async ({ sql }) => {
    const [server] = await sql<
      { version: string; major: number; role: string; owns: boolean; reads: boolean }
    >(
      `select current_setting('server_version') as version, current_setting('server_version_num')::integer / 10000 as major,
         current_user::text as role, pg_has_role(current_user, 'postgres', 'member') as owns,
         current_setting('default_transaction_read_only') = 'on' as reads`,
    );
    const findings: Finding[] = [judgeVersion(server!)];
    if (!server!.owns) {
      findings.push(
        notice(`asked as ${server!.role}, who may not see everything`, "Connect as the role postgres."),
      );
    }
    if (server!.reads) {
      findings.push(
        broken(
          "only reads are allowed: the project has used up its disk",
          "Make room, or take a larger disk.",
        ),
      );
    }
    return findings;
  },
};

function judgeVersion({ version, major }: { version: string; major: number }): Finding {
  return major >= OLDEST_MAJOR
    ? well(`Postgres ${version}`)
    : broken(`Postgres ${version} is older than ${OLDEST_MAJOR}`, "Upgrade the project's Postgres.");
}
