/** Answers of PostgREST with their verdicts. @module */

import { type Labelled, permanent, transient } from "./labelled.ts";

/** Codes of its own, and a status that a function chose. */
export const POSTGREST: readonly Labelled[] = [
  permanent("missing_column", {
    code: "PGRST204",
    message: "Could not find the 'sender' column of 'messages' in the schema cache",
  }, {
    column: "sender",
    relation: "messages",
  }, "payload"),
  permanent("missing_function", {
    code: "PGRST202",
    message: "Could not find the function public.pay(amount) in the schema cache",
  }, {
    function: "public.pay",
    arguments: "amount",
  }),
  permanent("missing_relation", {
    code: "PGRST205",
    message: "Could not find the table 'public.todos' in the schema cache",
  }, { relation: "public.todos" }),
  permanent("missing_relationship", {
    code: "PGRST200",
    message: "Could not find a relationship between 'posts' and 'tags' in the schema cache",
  }, {
    relation: "posts",
    other: "tags",
  }),
  permanent("ambiguous_reference", {
    code: "PGRST203",
    message: "Could not choose the best candidate function between: …",
    status: 300,
  }),
  permanent("unexpected_row_count", {
    code: "PGRST116",
    message: "Cannot coerce the result to a single JSON object",
    status: 406,
  }),
  permanent("schema_not_exposed", { code: "PGRST106", message: "Invalid schema: app", status: 406 }, {
    schema: "app",
  }),
  permanent("invalid_payload", { code: "PGRST102", message: "All object keys must match", status: 400 }),
  permanent("token_expired", { code: "PGRST303", message: "JWT expired", status: 401 }, undefined, "auth"),
  permanent("auth_failed", { code: "PGRST301", message: "No suitable key or wrong key type", status: 401 }),
  permanent("server_misconfigured", { code: "PGRST300", message: "Server lacks JWT secret", status: 500 }),
  transient("connection_failed", {
    code: "PGRST001",
    message: "Database client error. Retrying the connection.",
    status: 503,
  }, "database"),
  transient("schema_cache_unavailable", {
    code: "PGRST002",
    message: "Could not query the database for the schema cache. Retrying.",
    status: 503,
  }),
  transient("connection_capacity", {
    code: "PGRST003",
    message: "Timed out acquiring connection from connection pool.",
    status: 504,
  }),
  permanent("conflict", { code: "PT409", message: "The claim is not valid any more" }),
  permanent("invalid_query", { code: "PGRST199", message: "a code of a newer server", status: 400 }),
];
