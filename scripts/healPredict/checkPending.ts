/** Tries pending migrations on a copy, one after the other, and says what of them would fail. @module */

import { planMigration, type PlannedFix } from "../../supabase/functions/_shared/databaseHealer.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { openDirectConnection } from "../../supabase/functions/_shared/postgres.ts";
import { splitStatements } from "../../supabase/functions/_shared/sqlStatements.ts";
import { runSql } from "../lib/scratchServer.ts";

/** A file of migrations. */
export interface PendingFile {
  name: string;
  sql: string;
}

/** A statement that would fail. */
export interface PendingFailure {
  file: string;
  /** From 1. */
  line: number;
  statement: string;
  /** SQLSTATE; empty where no statement got as far. */
  code: string;
  message: string;
  /** What the healer of migrations would do about all of the file. */
  healer: { wouldRun: boolean; fixes: PlannedFix[]; refused: string[] };
  /** The first file that failed before for good: this failure may follow from that one. */
  after?: string;
}

/** What the check came to. */
export interface PendingReport {
  /** Files that the database has already. */
  applied: string[];
  /** Files that would run as they are. */
  fine: string[];
  failures: PendingFailure[];
  /** Whether a made-up person could sign up afterwards; null where nothing of the project runs then. */
  signUp: { ok: true } | { ok: false; code: string; message: string } | null;
}

/** Checks the files in the order of their names. `copyUrl` is changed: never give it a database that matters. */
export async function checkPendingMigrations(
  copyUrl: string,
  files: readonly PendingFile[],
  onFile: (name: string) => void = () => {},
): Promise<PendingReport> {
  const applied = await versionsOn(copyUrl);
  const report: PendingReport = { applied: [], fine: [], failures: [], signUp: null };
  let broken: string | undefined;
  for (const file of [...files].sort((a, b) => a.name < b.name ? -1 : 1)) {
    onFile(file.name);
    if (applied.has(/^(\d+)_/.exec(file.name)?.[1] ?? "")) {
      report.applied.push(file.name);
      continue;
    }
    const { failures, wouldRun } = await checkFile(copyUrl, file, broken);
    report.failures.push(...failures);
    if (failures.length === 0) report.fine.push(file.name);
    if (wouldRun) continue;
    broken ??= file.name;
    await runWhatRuns(copyUrl, file);
  }
  report.signUp = await trySignUp(copyUrl);
  return report;
}

async function versionsOn(url: string): Promise<Set<string>> {
  const [made] = await runSql<{ made: boolean }>(
    url,
    "select pg_catalog.to_regclass('supabase_migrations.schema_migrations') is not null as made",
  );
  if (!made!.made) return new Set();
  const rows = await runSql<{ version: string }>(
    url,
    "select version from supabase_migrations.schema_migrations",
  );
  return new Set(rows.map(({ version }) => version));
}

async function checkFile(url: string, { name, sql }: PendingFile, after: string | undefined) {
  const late = after === undefined ? {} : { after };
  try {
    const { failures, wouldRun, fixes, refused, error } = await planMigration(
      { migration: sql, name, databaseUrl: url },
      { keep: true },
    );
    const healer = { wouldRun, fixes, refused };
    const met = failures.map(({ statement, code, message }): PendingFailure => ({
      file: name,
      line: lineOf(sql, statement),
      statement,
      code,
      message,
      healer,
      ...late,
    }));
    if (met.length === 0 && !wouldRun) {
      met.push({ file: name, line: 1, statement: "", code: "", message: error ?? "", healer, ...late });
    }
    return { failures: met, wouldRun };
  } catch (error) {
    // Not even begun: a transaction command in it, for example.
    const healer = { wouldRun: false, fixes: [], refused: [] };
    const failure = {
      file: name,
      line: 1,
      statement: "",
      code: "",
      message: messageOf(error),
      healer,
      ...late,
    };
    return { failures: [failure], wouldRun: false };
  }
}

/** The line of a statement; one that a fix has rewritten stands where its beginning stands. */
function lineOf(sql: string, statement: string): number {
  const statements = splitStatements(sql);
  const start = statement.slice(0, 24);
  return (statements.find(({ text }) => text === statement) ??
    statements.find(({ text }) => text.startsWith(start)))
    ?.line ?? 1;
}

/** Builds what can be built of a file that would fail, so that later files do not fail for want of all of it. */
async function runWhatRuns(url: string, { sql }: PendingFile): Promise<void> {
  const connection = await openDirectConnection(url);
  try {
    await connection.transaction(async (tx) => {
      for (const { text } of splitStatements(sql)) {
        if (/^(begin|commit|end|rollback|start|abort)\b/i.test(text)) continue;
        await tx.query("savepoint one");
        try {
          await tx.script([text]);
        } catch {
          // That it fails has been reported with its file.
          await tx.query("rollback to savepoint one");
        }
      }
    });
  } finally {
    await connection.close();
  }
}

const TRIGGERS = `
  select count(*)::int as count from pg_catalog.pg_trigger
  where tgrelid = pg_catalog.to_regclass('auth.users') and not tgisinternal and tgenabled <> 'D' and tgtype & 4 > 0`;

/** Signs a made-up person up as the platform's service does: its role, and its path. All of it is taken back. */
async function trySignUp(url: string): Promise<PendingReport["signUp"]> {
  const [found] = await runSql<{ count: number }>(url, TRIGGERS);
  if (found!.count === 0) return null;
  const connection = await openDirectConnection(await serviceUrl(url));
  try {
    await connection.transaction(async (tx) => {
      await tx.query("set local search_path = auth");
      await tx.query(
        `insert into auth.users (id, email, raw_user_meta_data) values (gen_random_uuid(), $1, '{}')`,
        [`rehearsal-${crypto.randomUUID()}@example.com`],
      );
      await tx.query("set constraints all immediate");
    }, { rollback: true });
    return { ok: true };
  } catch (error) {
    return { ok: false, code: (error as { code?: string }).code ?? "", message: messageOf(error) };
  } finally {
    await connection.close();
  }
}

/** As the service's own role where this server lets it in; else as whoever runs the check. */
async function serviceUrl(url: string): Promise<string> {
  const service = new URL(url);
  service.username = "supabase_auth_admin";
  try {
    await runSql(service.href, "select 1");
    return service.href;
  } catch {
    return url;
  }
}
