/**
 * Holds needs against a database and what else is known of the project: one query for each sort of need.
 *
 * What the database does not have is missing only when no migration makes it either, and when whether it is there can
 * be known at all; the rest is unknown and says why.
 *
 * @module
 */

import type { SqlPort } from "../core/ports.ts";
import { CATALOGUE_CHECKS } from "./check/catalogue.ts";
import { checkRedirect } from "./check/redirects.ts";
import { checkSignUp } from "./check/signUp.ts";
import { type Need, type NeedKind, placeText } from "./need.ts";

/** Whether something is there. */
export type NeedState = "present" | "missing" | "unknown";

/** A need, whether it is met, and how that is known. */
export interface CheckedNeed extends Need {
  state: NeedState;
  evidence: string;
}

/** What is known of a project besides its database; what is left out is unknown. */
export interface CheckOptions {
  /** Names of secrets that are set. */
  secrets?: readonly string[] | undefined;
  /** Names of functions that are deployed, or that stand in the project's folder. */
  functions?: readonly string[] | undefined;
  /** Addresses that sign-in may lead back to, as the configuration writes them. */
  redirectUrls?: readonly string[] | undefined;
  /** Providers that are switched on. */
  providers?: readonly string[] | undefined;
}

/** What a check says; `null` where it cannot tell. */
export interface Answer {
  there: boolean | null;
  evidence: string;
}

/** Checks all needs, in their order. */
export async function checkAll(
  db: SqlPort,
  needs: readonly Need[],
  options: CheckOptions,
): Promise<CheckedNeed[]> {
  const answers = new Map<Need, Answer>();
  const kinds = new Set<NeedKind>(needs.map(({ subject }) => subject.kind));
  for (const kind of kinds) {
    const ofKind = needs.filter(({ subject }) => subject.kind === kind);
    const found = await answersFor(db, kind, ofKind, options);
    ofKind.forEach((need, index) =>
      answers.set(need, found[index] ?? { there: null, evidence: "not looked at" })
    );
  }
  return needs.map((need) => conclude(need, answers.get(need)!));
}

async function answersFor(
  db: SqlPort,
  kind: NeedKind,
  needs: readonly Need[],
  options: CheckOptions,
): Promise<Answer[]> {
  if (kind === "sign_up_trigger") return await checkSignUp(db, needs);
  const outside = OUTSIDE[kind];
  const subjects = needs.map(({ subject }) => subject);
  const isVault = (need: Need) => need.subject.kind === "secret" && need.subject.from === "vault";
  if (outside !== undefined && !needs.some(isVault)) return needs.map((need) => outside(need, options));
  const ask = CATALOGUE_CHECKS[kind];
  const asked = ask === undefined ? [] : await ask(db, subjects);
  return needs.map((need, index) =>
    outside !== undefined && !isVault(need) ? outside(need, options) : asked[index]!
  );
}

/** What no database knows. */
const OUTSIDE: { [Kind in NeedKind]?: (need: Need, options: CheckOptions) => Answer } = {
  secret: ({ subject }, { secrets }) => {
    if (subject.kind !== "secret") return UNASKED;
    if (secrets === undefined) return { there: null, evidence: "the names of the secrets were not given" };
    const there = secrets.includes(subject.name);
    if (!there && subject.optional) return { there: null, evidence: "not set, and the code does without it" };
    return { there, evidence: there ? "it is set" : "it is not among the secrets that are set" };
  },
  edge_function: ({ subject, madeAt }, { functions }) => {
    if (subject.kind !== "edge_function" || functions === undefined && madeAt === undefined) {
      return { there: null, evidence: "the names of the functions were not given" };
    }
    const there = functions?.includes(subject.name) ?? false;
    return { there, evidence: there ? "the project has it" : "the project has no function of this name" };
  },
  redirect_url: checkRedirect,
  auth_provider: ({ subject }, { providers }) => {
    if (subject.kind !== "auth_provider" || providers === undefined) {
      return { there: null, evidence: "which providers are on was not given" };
    }
    const there = providers.includes(subject.provider);
    return { there, evidence: there ? "it is on" : "it is not on in the configuration" };
  },
};

const UNASKED: Answer = { there: null, evidence: "not looked at" };

function conclude(need: Need, { there, evidence }: Answer): CheckedNeed {
  if (there === true) return { ...need, state: "present", evidence };
  if (need.madeAt !== undefined) {
    return { ...need, state: "present", evidence: `made at ${placeText(need.madeAt)}` };
  }
  if (there === null && need.leftOutAt !== undefined) {
    return { ...need, state: "missing", evidence: `${placeText(need.leftOutAt)} makes the table without it` };
  }
  if (there === null) return { ...need, state: "unknown", evidence };
  if (need.certainty === "likely") return { ...need, state: "unknown", evidence: `likely, and ${evidence}` };
  return { ...need, state: "missing", evidence };
}
