/** What holds of an installation whatever the settings and migrations of a project are. */

import assert from "node:assert/strict";
import {
  appendSections,
  cutSections,
  functionTables,
  sectionsFor,
} from "../../scripts/install/configText.ts";
import type { OfferedMigration } from "../../scripts/install/source.ts";
import { placeMigrations, readFileName } from "../../scripts/install/versions.ts";
import { assertProperty, fc } from "../helpers/property.ts";

const FUNCTIONS = [{ name: "heal", verifyJwt: false }, { name: "watch", verifyJwt: true }];

/** Pieces of settings as people write them, each once. */
const settings = fc.tuple(
  fc.shuffledSubarray([
    "# a comment with [functions.heal] in it",
    "",
    "  ",
    'project_id = "x"',
    "[api]\nmax_rows = 1000 # rows",
    "[functions.mine]\nverify_jwt = true",
    "[functions.other]\nimport_map = './x.json'",
    '[auth]\nredirects = [\n  "a", # first\n]',
    '[notes]\ntext = """\n[functions.watch]\n"""',
  ]),
  fc.constantFrom("\n", "\r\n"),
  fc.boolean(),
).filter(([parts]) => {
  const plain = parts.findIndex((part) => part.startsWith("project_id"));
  return plain < 0 || parts.slice(0, plain).every((part) => !part.startsWith("["));
}).map(([parts, eol, closed]) => (parts.join("\n") + (closed ? "\n" : "")).replaceAll("\n", eol));

Deno.test("cutSections() gives back every byte of what appendSections() was given, and both sections are there between", () => {
  assertProperty(fc.property(settings, fc.boolean(), (text, isConverted) => {
    const { text: changed, added } = appendSections(text, sectionsFor(text, FUNCTIONS));
    assert.ok(changed.startsWith(text));
    const tables = functionTables(changed) as Record<string, { verify_jwt: boolean }>;
    assert.deepEqual([tables.heal?.verify_jwt, tables.watch?.verify_jwt], [false, true]);
    assert.equal(cutSections(changed, added), text);
    assert.equal(sectionsFor(changed, FUNCTIONS), "");
    // Another checkout may have other line ends, of the whole file.
    const plain = (one: string) => one.replaceAll("\r\n", "\n");
    const other = (one: string) => isConverted ? plain(one).replaceAll("\n", "\r\n") : plain(one);
    assert.equal(cutSections(other(changed), added), other(text));
  }));
});

Deno.test("cutSections() leaves what was written behind the sections, on lines of its own", () => {
  assertProperty(fc.property(settings, (text) => {
    const { text: changed, added } = appendSections(text, sectionsFor(text, FUNCTIONS));
    const rest = cutSections(`${changed}[later]\nx = 1\n`, added)!;
    assert.ok(rest.startsWith(text) && rest.endsWith("[later]\nx = 1\n"));
    assert.match(rest.slice(0, -"[later]\nx = 1\n".length), /^$|\n$/);
  }));
});

const version = fc.oneof(
  fc.date({ min: new Date("1999-01-01"), max: new Date("2099-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString().replaceAll(/[-T:]|\.\d{3}Z$/g, "")),
  fc.stringMatching(/^20[0-9]{2,14}$/),
  fc.stringMatching(/^0[0-9]{0,5}$/),
);
const OURS: OfferedMigration[] = [
  { name: "create_errors", version: "20261121100000", text: "" },
  { name: "add_jobs", version: "20261121110000", text: "" },
  { name: "add_fixes", version: "20261129100000", text: "" },
];

Deno.test("placeMigrations() gives versions that db push takes: new, in our order, and behind all others", () => {
  assertProperty(fc.property(fc.uniqueArray(version, { maxLength: 8 }), (versions) => {
    const present = versions.map((one) => readFileName(`${one}_theirs.sql`)!);
    const { fileNames, problem } = placeMigrations(OURS, present, "renumber");
    assert.equal(problem, null);
    const placed = OURS.map(({ name }) => readFileName(fileNames.get(name)!)!.version);
    assert.deepEqual(placed, placed.toSorted());
    assert.equal(new Set([...placed, ...versions]).size, placed.length + versions.length);
    const latest = versions.toSorted().at(-1) ?? "";
    for (const one of placed) assert.ok(one > latest && /^\d{14}$/.test(one), `${one} against ${latest}`);
  }));
});
