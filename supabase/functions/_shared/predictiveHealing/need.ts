/** What a project needs, where it says so, and what would satisfy it. @module */

import { quotedIfNeeded } from "../core/sqlNames.ts";

/** A line of a file. */
export interface Place {
  file: string;
  /** From 1. */
  line: number;
}

/** A privilege on a table, as `has_table_privilege` names it. */
export type Verb = "SELECT" | "INSERT" | "UPDATE" | "DELETE";

/** Who calls the database. */
export type CallerRole = "anon" | "authenticated" | "service_role";

/** The thing that is needed. */
export type NeedSubject =
  | { kind: "extension"; extension: string; provides: string }
  | { kind: "schema"; schema: string }
  | { kind: "table"; schema: string; name: string }
  | { kind: "column"; schema: string; name: string; column: string }
  | { kind: "function"; schema: string; name: string; args: string[] | null }
  | { kind: "bucket"; name: string }
  | { kind: "secret"; name: string; from: "environment" | "vault"; optional: boolean }
  | { kind: "edge_function"; name: string }
  | { kind: "row_security"; schema: string; name: string }
  | { kind: "policy"; schema: string; name: string; verb: Verb; role: CallerRole }
  | {
    kind: "grant";
    on: "table" | "schema" | "function";
    schema: string;
    name: string;
    privilege: Verb | "USAGE" | "EXECUTE";
    role: CallerRole;
  }
  | { kind: "index"; schema: string; name: string; columns: string[] }
  | { kind: "sign_up_trigger"; schema: string; name: string }
  | { kind: "sign_up_value"; schema: string; name: string; column: string; by: string }
  | { kind: "redirect_url"; url: string }
  | { kind: "auth_provider"; provider: string };

/** The sorts of things that are needed. */
export type NeedKind = NeedSubject["kind"];

/** One thing that a project needs. */
export interface Need {
  subject: NeedSubject;
  /** Where it is needed first. */
  place: Place;
  /** What fails, or gets slow, without it; one sentence. */
  why: string;
  /** What would satisfy it, one sentence. */
  satisfy: string;
  /** Where the project makes it itself, before it is needed. */
  madeAt?: Place;
  /** Where the project makes what it would be a part of, without it. */
  leftOutAt?: Place;
  /** `likely` is read out of a text in plain language; only what is sure is ever called missing. */
  certainty: "sure" | "likely";
}

/** The subject as a person reads it; the same subject has the same key. */
export function nameOfNeed(subject: NeedSubject): string {
  switch (subject.kind) {
    case "extension":
      return `extension ${subject.extension}`;
    case "schema":
      return `schema ${quotedIfNeeded(subject.schema)}`;
    case "function":
      return `function ${qualified(subject)}`;
    case "column":
    case "sign_up_value":
      return `${words(subject.kind)} ${qualified(subject)}.${quotedIfNeeded(subject.column)}`;
    case "policy":
      return `policy for ${subject.verb} by ${subject.role} on ${qualified(subject)}`;
    case "grant":
      return `grant ${subject.privilege} to ${subject.role} on ${subject.on} ${
        subject.on === "schema" ? quotedIfNeeded(subject.schema) : qualified(subject)
      }`;
    case "index":
      return `index on ${qualified(subject)} (${subject.columns.map(quotedIfNeeded).join(", ")})`;
    case "redirect_url":
      return `redirect URL ${subject.url}`;
    case "auth_provider":
      return `sign-in provider ${subject.provider}`;
    case "table":
    case "row_security":
    case "sign_up_trigger":
      return `${words(subject.kind)} ${qualified(subject)}`;
    default:
      return `${words(subject.kind)} ${subject.name}`;
  }
}

function words(kind: NeedKind): string {
  return kind.replaceAll("_", " ");
}

/** A qualified name, in quotes where it needs them. */
export function qualified({ schema, name }: { schema: string; name: string }): string {
  return `${quotedIfNeeded(schema)}.${quotedIfNeeded(name)}`;
}

/** Where something stands, for a person. */
export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}
