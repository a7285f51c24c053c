/**
 * What an installation would do to a project, found out without changing it.
 *
 * A file is written where none is, or where the one that is there is still as we wrote it; a file that was changed since
 * stays, and a file of the project's own is a conflict. A migration is never written twice: the database has run it.
 *
 * @module
 */

import type { Change } from "./changes.ts";
import { appendSections, cutSections, hasSections, otherTables, sectionsFor } from "./configText.ts";
import { type Conflict, type FileConflict, fileConflicts, nameConflicts } from "./conflicts.ts";
import type { Journal, Manifest } from "./manifest.ts";
import type { Offer, OfferedMigration } from "./source.ts";
import { CONFIG, hashOf, type Place, type Target } from "./target.ts";
import { importersOf, ownCode } from "./usedBy.ts";
import { placeMigrations, readFileName } from "./versions.ts";

/** What would be done. */
export interface InstallPlan {
  changes: Change[];
  /** What is installed afterwards. */
  manifest: Manifest;
  conflicts: Conflict[];
  /** Files that the project has changed, and what that means. */
  kept: { path: string; why: string }[];
  /** How many migrations are other than those that were installed. */
  changedMigrations: number;
  /** How many files were there already, word for word. */
  found: number;
}

/** What is known of a project before. */
export interface Installed {
  /** What is installed, with what a run that did not end has done. */
  effective: Manifest;
  /** Files of migrations that such a run meant to write, and so do not count as the project's last. */
  pending: ReadonlySet<string>;
  isUpgrade: boolean;
}

const MIGRATIONS = "supabase/migrations";

/** Adds what a run that did not end has done to what is written down as installed. */
export async function readInstalled(
  target: Target,
  manifest: Manifest | null,
  journal: Journal | null,
  empty: Manifest,
): Promise<Installed> {
  const base = manifest ?? empty;
  if (journal === null) return { effective: base, pending: new Set(), isUpgrade: manifest !== null };
  const planned = journal.manifest;
  const effective: Manifest = {
    ...planned,
    files: { ...base.files },
    config: base.config,
    folders: journal.folders,
  };
  for (const { path, after } of journal.operations) {
    const place = await target.look(path);
    if ((place.kind === "file" ? place.hash : null) !== after) continue;
    if (path === CONFIG) effective.config = planned.config;
    else if (after === null) delete effective.files[path];
    else if (Object.hasOwn(planned.files, path)) effective.files[path] = after;
  }
  const pending = Object.values(planned.migrations).filter((file) =>
    !Object.values(base.migrations).includes(file)
  );
  return { effective, pending: new Set(pending), isUpgrade: manifest !== null };
}

/** Plans the installation of an offer. */
export async function planInstall(target: Target, offer: Offer, installed: Installed): Promise<InstallPlan> {
  const planner = new Planner(target, installed.effective);
  for (const { path, text } of offer.files) await planner.offer(path, text);
  const conflicts = await planner.addMigrations(offer.migrations, installed.pending);
  const gone = await planner.removeGone();
  const others = await planner.addSections(offer.functions);
  const names = installed.isUpgrade ? withoutKnown(offer, installed.effective) : offer;
  const changed = new Set(planner.kept.map(({ path }) => path));
  const code = await ownCode(target, installed.effective, changed);
  const used = await importersOf(target, code, gone);
  return {
    changes: planner.changes,
    manifest: planner.manifest(offer),
    conflicts: [
      ...fileConflicts(planner.conflicts, others, used, offer),
      ...conflicts,
      ...await nameConflicts(await planner.foreignMigrations(), names),
    ],
    kept: planner.kept,
    changedMigrations: planner.changedMigrations,
    found: planner.found,
  };
}

/** What an earlier version brought has been judged then. */
function withoutKnown(offer: Offer, { objects, jobs }: Manifest): Offer {
  const known = new Set([...objects, ...jobs]);
  const isNew = (name: string) => !known.has(name);
  return { ...offer, objects: offer.objects.filter(isNew), jobs: offer.jobs.filter(isNew), indexes: [] };
}

class Planner {
  readonly changes: Change[] = [];
  readonly kept: InstallPlan["kept"] = [];
  readonly conflicts: FileConflict[] = [];
  changedMigrations = 0;
  found = 0;
  readonly #files: Record<string, string> = {};
  readonly #migrations: Record<string, string> = {};
  #config: string;

  constructor(private readonly target: Target, private readonly installed: Manifest) {
    this.#config = installed.config;
  }

  /** A file that is wanted at a path. */
  async offer(path: string, text: string, isMigration = false): Promise<void> {
    const hash = await hashOf(text);
    const known = this.installed.files[path];
    const place = await this.target.look(path);
    this.#files[path] = hash;
    if (place.kind === "absent") this.changes.push({ path, before: null, after: hash, text });
    else if (place.kind !== "file" || (known === undefined && place.hash !== hash)) {
      this.conflicts.push({ path, why: whyNot(place) });
    } else if (place.hash === hash) this.found += known === undefined ? 1 : 0;
    else if (place.hash === known && !isMigration) {
      this.changes.push({ path, before: known, after: hash, text });
    } else {
      this.#files[path] = known!;
      if (place.hash === known) this.changedMigrations++;
      else this.kept.push({ path, why: whyKept(known === hash) });
    }
  }

  async addMigrations(
    offered: readonly OfferedMigration[],
    pending: ReadonlySet<string>,
  ): Promise<Conflict[]> {
    const fileNames = new Map(Object.entries(this.installed.migrations));
    const fresh: OfferedMigration[] = [];
    for (const migration of offered.filter(({ name }) => !fileNames.has(name))) {
      const fileName = `${migration.version}_${migration.name}.sql`;
      const place = await this.target.look(`${MIGRATIONS}/${fileName}`);
      if (place.kind === "file" && place.hash === await hashOf(migration.text)) {
        fileNames.set(migration.name, fileName);
      } else fresh.push(migration);
    }
    const ours = new Set([...pending, ...offered.flatMap(({ name }) => fileNames.get(name) ?? [])]);
    const earlier = new Set(Object.values(this.installed.migrations).filter((file) => !pending.has(file)));
    const present = (await this.target.names(MIGRATIONS)).filter((name) =>
      !ours.has(name) || earlier.has(name)
    )
      .flatMap((name) => readFileName(name) ?? []);
    const placing = placeMigrations(fresh, present, this.installed.order);
    for (const { name, version, text } of offered) {
      const fileName = fileNames.get(name) ?? placing.fileNames.get(name) ?? `${version}_${name}.sql`;
      this.#migrations[name] = fileName;
      await this.offer(`${MIGRATIONS}/${fileName}`, text, true);
    }
    return placing.problem === null ? [] : [orderConflict(placing.problem)];
  }

  /** What an earlier version brought and this one does not; migrations stay, the database has run them. */
  async removeGone(): Promise<Set<string>> {
    const gone = new Set<string>();
    for (const [path, known] of Object.entries(this.installed.files)) {
      if (Object.hasOwn(this.#files, path)) continue;
      const place = await this.target.look(path);
      if (path.startsWith(`${MIGRATIONS}/`)) this.#files[path] = known;
      else if (place.kind === "file" && place.hash === known) {
        gone.add(path);
        this.changes.push({ path, before: known, after: null });
      } else if (place.kind !== "absent") {
        this.kept.push({ path, why: "changed by you, and no longer part of this: remove it when you can" });
      }
    }
    for (const [name, file] of Object.entries(this.installed.migrations)) this.#migrations[name] ??= file;
    return gone;
  }

  /** The sections of functions; names those whose table is there with other words. */
  async addSections(functions: Offer["functions"]): Promise<string[]> {
    const place = await this.target.look(CONFIG);
    if (place.kind !== "file") return [];
    const bare = cutSections(place.text, this.installed.config) ??
      (hasSections(place.text) ? null : place.text);
    if (bare === null) {
      const why = "its sections of ours were changed by you: see that each function has one";
      this.kept.push({ path: CONFIG, why });
      // Of a function that we brought, the table is ours in whatever words.
      return otherTables(place.text, functions).filter((name) =>
        !Object.hasOwn(this.installed.files, `supabase/functions/${name}/index.ts`)
      );
    }
    const { text, added } = appendSections(bare, sectionsFor(bare, functions), place.text);
    this.#config = added;
    const after = await hashOf(text);
    // Sections that stand in the middle of the file by now stay there while they say what they should.
    const isSame = added === this.installed.config && (added === "" || bare !== place.text);
    if (!isSame) this.changes.push({ path: CONFIG, before: place.hash, after, text });
    return otherTables(bare, functions);
  }

  async foreignMigrations(): Promise<{ path: string; sql: string }[]> {
    const ours = new Set(Object.values(this.#migrations));
    const files: { path: string; sql: string }[] = [];
    for (const name of (await this.target.names(MIGRATIONS)).filter((name) => readFileName(name) !== null)) {
      const path = `${MIGRATIONS}/${name}`;
      const place = ours.has(name) ? null : await this.target.look(path);
      if (place?.kind === "file") files.push({ path, sql: place.text });
    }
    return files;
  }

  manifest({ release, objects, jobs }: Offer): Manifest {
    return {
      ...this.installed,
      release,
      files: this.#files,
      migrations: this.#migrations,
      config: this.#config,
      objects: [...new Set([...this.installed.objects, ...objects])],
      jobs: [...new Set([...this.installed.jobs, ...jobs])],
    };
  }
}

function whyNot(place: Place): string {
  if (place.kind === "taken") return `${place.at} is ${place.by}`;
  return place.kind === "folder" ? "is a folder" : "is there with other content";
}

function whyKept(isSame: boolean): string {
  return isSame
    ? "changed by you"
    : "changed by you and by this version: yours stays; delete it and run again to take ours";
}

function orderConflict(
  { code, message }: { code: "migration_order" | "migration_version"; message: string },
): Conflict {
  const renumber = "--renumber: ours get versions behind your last one";
  const keep = "--include-all: ours keep theirs, and you push with `npx supabase db push --include-all`";
  return { code, message, choices: code === "migration_order" ? [renumber, keep] : [renumber] };
}
