/**
 * The sanitiser on its corpus of secrets and of harmless look-alikes, and what it and the classifier cost when the text
 * is long and hostile: time is that of the processor, so that a busy machine does not count against the code.
 *
 * No more than 65,536 characters of a text are looked at. Within them time has to grow with the length and not with
 * its square, which would be 16 times as much for four times the text.
 *
 * @module
 */

import { cpuUsage } from "node:process";
import { classifyError } from "../../supabase/functions/_shared/errorClassifier.ts";
import { sanitizeText } from "../../supabase/functions/_shared/errorSanitizer.ts";
import {
  HOSTILE_CLASSIFIER_PARTS,
  HOSTILE_SANITIZER_PARTS,
  repeated,
} from "../../tests/helpers/hostileTexts.ts";
import { HARMLESS } from "../../tests/unit/errorSanitizer/harmless.ts";
import { SECRETS } from "../../tests/unit/errorSanitizer/secrets.ts";
import { type Finding, reportFindings } from "../lib/simulation.ts";

const LOOKED_AT = 65_536;
const MEGABYTE = 1_000_000;
const ROUNDS = 5;

function corpus(): Finding[] {
  const caught = SECRETS.filter(({ text, secrets }) => {
    const sanitized = sanitizeText(text);
    return !secrets.some((secret) => sanitized.includes(secret));
  }).length;
  const touched = HARMLESS.filter((text) => sanitizeText(text) !== text).length;
  const share = (count: number, all: readonly unknown[]) => 100 * count / all.length;
  return [
    finding("secrets", "in the corpus", SECRETS.length, SECRETS.length, { atLeast: 200 }),
    finding("secrets", "caught, %", share(caught, SECRETS), SECRETS.length, { atLeast: 99 }),
    finding("harmless", "in the corpus", HARMLESS.length, HARMLESS.length, { atLeast: 200 }),
    finding("harmless", "touched, %", share(touched, HARMLESS), HARMLESS.length, { atMost: 1 }),
  ];
}

function finding(
  scenario: string,
  figure: string,
  value: number,
  runs: number,
  bound?: Finding["bound"],
): Finding {
  return { scenario, figure, value, runs, ...(bound === undefined ? {} : { bound }) };
}

/** The least processor time of a few rounds, in milliseconds. */
function cost(work: () => unknown): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const before = cpuUsage();
    work();
    const { user, system } = cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

function hostile(name: string, parts: readonly string[], work: (text: string) => unknown): Finding[] {
  const at = (length: number) =>
    parts.map((part) => {
      const text = repeated(part, length);
      return cost(() => work(text));
    });
  const [eighth, half, long, longest] = [LOOKED_AT / 8, LOOKED_AT / 2, MEGABYTE, 10 * MEGABYTE].map(at);
  // A longer one is cut, and looked at once more. Below half a millisecond the clock's own steps are most of what is seen.
  const growth = half!.map((ms, index) => ms / Math.max(0.5, eighth![index]!));
  const say = (figure: string, value: number, bound?: Finding["bound"]) =>
    finding(name, figure, value, parts.length, bound);
  return [
    say("most growth for four times the text", Math.max(...growth), { atMost: 8 }),
    say("slowest of 1 MB, ms of CPU", Math.max(...long!)),
    say("slowest of 10 MB, ms of CPU", Math.max(...longest!), { atMost: 250 }),
  ];
}

reportFindings([
  ...corpus(),
  ...hostile("sanitizeText()", HOSTILE_SANITIZER_PARTS, (text) => sanitizeText(text)),
  ...hostile(
    "classifyError()",
    HOSTILE_CLASSIFIER_PARTS,
    (message) => classifyError({ message, details: message, hint: message, body: message }),
  ),
]);
