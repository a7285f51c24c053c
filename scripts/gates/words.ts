/**
 * Fails when a file names what belongs to one machine or one package registry, or who typed it: the project
 * speaks of itself alone. The words stand here in two parts, so that the gate does not find itself.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";

/** The gate. */
export const wordsGate: Gate = { name: "words", run: checkWords };

interface Word {
  pattern: RegExp;
  what: string;
}

const WORDS: readonly Word[] = [
  {
    pattern: anyOf(
      "registry\\.n" + "pmjs",
      "registry\\.ya" + "rnpkg",
      "deb\\.deb" + "ian\\.org",
      "security\\.deb" + "ian\\.org",
    ),
    what: "names a package registry's host: let the client know where its packages are",
  },
  {
    pattern: anyOf(
      "/wo" + "rk/(main|shared|steering|\\.library)",
      "/fa" + "rm/in",
      "/ro" + "ot/",
      "/tmp/bash_" + "jobs",
    ),
    what: "names a path of one machine: make it relative to the project, or ask the system",
  },
  {
    pattern: anyOf("\\bdeno-" + "dev\\b"),
    what: "names a private copy of Deno: use Deno.execPath() or deno",
  },
  {
    pattern: anyOf(
      "co-authored" + "-by",
      "generated (with|by) (cla" + "ude|co" + "pilot|chat" + "gpt|code" + "x)",
      "cla" + "ude code",
      "\\bsub-?ag" + "ents?\\b",
      "as an ai (lang" + "uage )?model,? i",
      "written by an? (ai|ll" + "m|model)",
    ),
    what: "says who or what typed it: the project speaks of itself alone",
  },
];

const FOREIGN_LOCKS = /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/;
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|wasm|gz|zip)$/;

async function checkWords(context: GateContext): Promise<string[]> {
  const problems: string[] = [];
  for (const path of await context.files()) {
    if (FOREIGN_LOCKS.test(path)) {
      problems.push(`${path}: names registry hosts: delete it and rely on deno.lock`);
    } else if (!BINARY.test(path)) problems.push(...judgeText(path, await context.read(path)));
  }
  return problems;
}

function judgeText(path: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    WORDS.filter(({ pattern }) => pattern.test(line)).map(({ what }) => `${path}:${index + 1}: ${what}`)
  );
}

function anyOf(...words: string[]): RegExp {
  return new RegExp(words.join("|"), "i");
}
