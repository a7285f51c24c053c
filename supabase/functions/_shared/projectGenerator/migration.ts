/**
 * The migration of a generated project. It is a proposal: reviewed by its text, rehearsed and taken back, and saved as it
 * was healed. It is applied only where the request asks for it and the settings allow it, and then only when each of its
 * statements makes something new.
 *
 * @module
 */

import { messageOf } from "../core/errors.ts";
import type { Json } from "../core/ports.ts";
import { type MigrationStatus, moveGeneratedMigration, type ProjectDraft } from "../generationDb.ts";
import { getHealingSettings } from "../healingDb.ts";
import type { GenerationSession } from "./session.ts";

/** What is proposed, and whether it may be applied now. */
export interface ProposedMigration {
  draft: NonNullable<ProjectDraft["migration"]>;
  mayApply: boolean;
}

const MIGRATION = /^supabase\/migrations\/[^/]+\.sql$/;
/** A rehearsal waits for no busy table longer than its statements do, and holds up no generation that is nearly over. */
const LEAST_MS = 10_000;

/** The migration of the project as it would be saved; undefined when it has none. */
export async function proposeMigration(session: GenerationSession): Promise<ProposedMigration | undefined> {
  const found = session.projectFiles.filter(({ path }) => MIGRATION.test(path));
  const [first] = found;
  if (first === undefined) return undefined;
  const draft = (status: MigrationStatus, report: { [key: string]: Json }, sql = first.content) => ({
    draft: { path: first.path, sql, status, report },
    mayApply: false,
  });
  if (found.length > 1) {
    return draft("proposed", { reason: "it has several migrations: run them one after the other yourself" });
  }
  const { reviewMigration } = await import("../migrationReview.ts");
  const { isAllowed, refusals, tables } = await reviewMigration(first.content);
  if (!isAllowed) return draft("refused", { reason: "it holds what may not run without a person", refusals });
  const { mode, enabled } = await readMode(session);
  const { databaseUrl } = session.means;
  if (mode === "off") return draft("proposed", { reason: "mode_generated_migrations is off", tables });
  if (databaseUrl === undefined) return draft("proposed", { reason: "SUPABASE_DB_URL is not set", tables });
  if (session.workerMs < LEAST_MS) {
    return draft("proposed", { reason: "there was no time to rehearse it", tables });
  }
  const { status, report, sql } = await rehearse(first.content, databaseUrl);
  const isWanted = (session.claim.options as { migration?: unknown }).migration === "apply";
  const { draft: made } = draft(status, { ...report, tables }, sql);
  return { draft: made, mayApply: isWanted && status === "rehearsed" && mode === "auto" && enabled };
}

async function readMode({ means: { db } }: GenerationSession): Promise<{ mode: unknown; enabled: boolean }> {
  const settings = await getHealingSettings(db);
  return {
    mode: settings.mode_generated_migrations?.wanted,
    enabled: settings.enabled?.wanted === true && settings.dry_run?.wanted === false,
  };
}

interface Rehearsed {
  status: MigrationStatus;
  report: { [key: string]: Json };
  sql: string;
}

async function rehearse(migration: string, databaseUrl: string): Promise<Rehearsed> {
  const { planMigration } = await import("../databaseHealer.ts");
  const { sanitizeText } = await import("../errorSanitizer.ts");
  const clean = (text: string) => sanitizeText(text, { maxLength: 1_000 });
  try {
    const { wouldRun, fixes, error, script } = await planMigration({ migration, databaseUrl });
    const report = {
      would_run: wouldRun,
      fixes: fixes.map(({ action, description, risk, decision }): Json => ({
        ...{ action, risk, decision },
        description: clean(description),
      })),
      ...(error === undefined ? {} : { error: clean(error) }),
    };
    // What a fix provides beside the text belongs to it, so that it runs on a database without that too.
    const provided = fixes.filter(({ action }) => action === "create_extension").map(({ description }) =>
      description
    );
    const texts = [...provided, ...(script ?? [])];
    // A text that is right already stays as it was written, with its comments.
    const healed = wouldRun && fixes.length > 0 && script !== undefined
      ? `${texts.join(";\n\n")};\n`
      : migration;
    return { status: wouldRun ? "rehearsed" : "failed", report, sql: healed };
  } catch (error) {
    const reason = `it could not be rehearsed: ${clean(messageOf(error))}`;
    return { status: "proposed", report: { reason }, sql: migration };
  }
}

/** Applies the migration of a project that is saved; said before and after, so that nobody has to guess. */
export async function applyProposed(session: GenerationSession, proposed: ProposedMigration): Promise<void> {
  const { means: { db, databaseUrl }, claim: { project_id: projectId } } = session;
  const { sql, path } = proposed.draft;
  const { reviewMigration } = await import("../migrationReview.ts");
  const { isAllowed, refusals } = await reviewMigration(sql);
  if (!isAllowed || databaseUrl === undefined) {
    await moveGeneratedMigration(db, projectId, "refused", {
      reason: "its healed text may not run",
      refusals,
    });
    return;
  }
  if (!await moveGeneratedMigration(db, projectId, "applying", {})) return;
  const { applyMigration } = await import("../databaseHealer.ts");
  const { sanitizeText } = await import("../errorSanitizer.ts");
  try {
    const { healed, reason, parts, fixes } = await applyMigration({
      migration: sql,
      name: path,
      databaseUrl,
    });
    const report = {
      reason: sanitizeText(reason, { maxLength: 1_000 }),
      fixes: fixes.map(({ fixId }) => fixId),
    };
    const ran = parts === undefined ? sql : `${parts.flat().join(";\n\n")};\n`;
    await moveGeneratedMigration(
      db,
      projectId,
      healed ? "applied" : "failed",
      report,
      fixes.length > 0 ? ran : sql,
    );
  } catch (error) {
    const reason = sanitizeText(messageOf(error), { maxLength: 1_000 });
    await moveGeneratedMigration(db, projectId, "failed", { reason });
  }
}
