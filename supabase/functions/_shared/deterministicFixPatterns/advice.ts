/**
 * What a person can do about a class of failure that nobody mends on somebody's behalf, one sentence each, with what
 * must not be tried. The words of an error decide where one class comes from several places.
 *
 * @module
 */

import type { ErrorFacts } from "../core/fixes.ts";

type Advice = string | readonly (readonly [words: RegExp, advice: string])[];

const ANY = /(?:)/;

const MODELS: Readonly<Record<string, Advice>> = {
  quota_exhausted:
    "the account of the model's provider is used up: a person looks at its plan and billing. The same request is never sent again, and another provider is asked only where the author named one",
  request_too_large: [
    [
      /tokens|TPM|the model /i,
      "the request alone is above the model's limit, so waiting does not help: send less, split the work (`means.splitIntoChunks`), lower `maxOutputTokens`, or name a model with a larger limit as a fallback",
    ],
    [
      /object|bucket|maximum allowed size|file/i,
      "the file is larger than the bucket takes; upload it in parts or make it smaller. The limit is never raised",
    ],
    [
      ANY,
      "the other side takes no request of this size; send the items in smaller batches, down to one, and leave none out",
    ],
  ],
  context_length:
    "the conversation is longer than the model reads: leave out whole old turns or ranked-down passages, keep the instructions and the last question as they are, or split the work (`means.splitIntoChunks`). Nothing is cut inside of a message",
  model_not_found:
    "the provider has no such model for this key; correct the name in OPENAI_MODEL or AI_FALLBACKS. Another model is never guessed",
  unsupported_parameter:
    "the model does not know a parameter and leaving it out would change what was asked for; take it out in the code, or name another model",
  invalid_schema:
    "the schema of the answer is not one that the endpoint takes: close every object (`additionalProperties: false`) and require every key. Strictness is never taken out",
  invalid_conversation:
    "the messages do not fit together: each call of a tool needs its answer right behind it, and a request for JSON has to say so. The client mends both in the request; correct the code that calls a model without it",
  content_refused:
    "the provider or the model refuses the content; tell the person who asked. It is never put into other words or taken elsewhere",
  region_blocked:
    "the provider does not serve this region; a person chooses another provider or region. A block is never evaded",
  json_invalid:
    "the text is no JSON that can be read with certainty: read it with `robustJSONParse` and a schema, which takes fences, prose, comments and the like away, or ask the model again with `completeJson`. Brackets are never closed on a guess",
  json_truncated: [
    [
      /Unexpected end of (?:JSON )?input/i,
      "the text is empty or was cut: an answer without a body (204, 205) has no JSON to read, and a cut one is asked for again with more room. Brackets are never closed on a guess",
    ],
    [ANY, "the text was cut; ask for less or with more room. Brackets are never closed on a guess"],
  ],
  schema_mismatch:
    "the value does not fit its schema; ask again and show what was wrong (`completeJson` does it). Required values are never made up, and the nearest word is not what was meant",
};

const SERVICES: Readonly<Record<string, Advice>> = {
  invalid_request:
    "the other side does not take the request as it is; its own words say what to correct in the code",
  not_found: "there is nothing at this address; correct it in the code or the settings",
  method_not_allowed: "the address does not take this method; correct the code",
  unsupported_media_type: [
    [
      /text\/plain|content-type/i,
      "the body was sent without the type that it has; send JSON with `content-type: application/json`",
    ],
  ],
  conflict:
    "somebody else changes the same thing; read it again and decide. A write is only made again under its idempotency key",
  timeout:
    "the call took too long, and nobody knows what it did: read back before a write is made again, a write only under an idempotency key; for what always takes so long, do it in smaller parts or queue it",
  worker_retired:
    "the worker ended before or while it had the call; make it again, a write only under an idempotency key",
  server_error:
    "the other side failed, and nobody knows what it did before; read back before the call is made again, a write only under an idempotency key",
  invalid_response: [
    [/null body/i, "an answer with status 204, 205 or 304 has no body; give `null` for it in the code"],
    [
      ANY,
      "the answer is used twice, or is not of the form that the code expects; look at its status and type first",
    ],
  ],
  invalid_encoding:
    "the bytes are in another encoding than the text was read in; decode them by the charset of their content type. Stored rows are never encoded again",
  network_or_cors:
    "a browser says the same of a refused origin and of a broken connection, and the function may have run: look at its preflight answer first, and make a write again only under an idempotency key",
  network_unreachable:
    "no route leads to the host; behind it often stands an address that only IPv6 reaches: use the pooler's host",
  dns_failure: "nobody knows the host's name; correct the address in the settings",
  tls_error:
    "the certificate is not trusted, and somebody may stand in between: correct the certificate. Checking is never switched off",
  redirect_loop:
    "the address leads back to itself; use the final address. The limit of redirects is never raised",
  invalid_url:
    "the address is none: a setting is missing or lacks its scheme. Set it; an address is never put together from what a user sent",
  port_blocked: "the runtime does not connect to this port; a person chooses another one",
  aborted: "the caller stopped the call; there is nothing to mend",
  config_missing: "a setting is missing; set it in the project's secrets. Its value is never guessed",
};

const PROGRAMS: Readonly<Record<string, Advice>> = {
  boot_error:
    "the function does not start, and will not by itself: read its log, and bring the last version back if it worked and no migration stands in between. The same bundle is not deployed again in a loop",
  worker_limit:
    "the work needs more time or memory than a worker has: do it in smaller parts, stream, or queue it. The same input ends the next worker as well",
  worker_error:
    "the function ended outside of its handler, and what it had done until then is not known: read its log, and read back before a write is made again",
  function_failed:
    "the function itself failed, and what it had done until then is not known: its own error is captured where it happened; a write is made again only under an idempotency key",
  function_not_deployed:
    "no function of this name is deployed: deploy it, or correct the name. An empty one is never made",
  null_reference: [
    [
      /choices|'message'|reading '0'/,
      "the answer has no choices; look for an error in its body before reading it, as the library's client does",
    ],
    [ANY, "the code reads a part of nothing; it has to look first whether the value is there"],
  ],
  undefined_identifier:
    "the code uses a name that it does not define or import; add the import. A name is never guessed",
  type_error: "the code uses a value as something that it is not; correct the code",
  missing_module: "the code imports a file that is not there; correct the path, within the functions' folder",
  missing_package:
    "the package does not exist or is no dependency; a person decides which one is meant. A similar name is never installed",
  missing_export: "the module does not export this name; correct the import, or the version of the package",
  runtime_permission: "the runtime forbids it (files, processes, environment); do it in another way",
  missing_file: "the file is not there at run time; deploy it as a static file, or store it in a bucket",
  address_in_use: "the port is taken; end the other program, or listen on another port",
  unserializable_value:
    "the value cannot be written as JSON: write BigInt as text, never as a number, and take cycles out",
  invalid_date:
    "the text is no date; refuse it, or keep null where the column may be empty. Today is never put in its place",
  internal_fault: "the system's own code failed; its log says where",
};

const DEPLOYMENTS: Readonly<Record<string, Advice>> = {
  lockfile_out_of_sync:
    "the lock file does not fit the dependencies; make it anew with the package manager and commit it. It is never deleted, and the check never switched off",
  type_check_failed: "the types do not fit; correct the code. Checks are never skipped",
  source_syntax_error: "the source cannot be read as a program; correct it where the error says",
  git_rejected:
    "the remote branch has gone on; fetch and rebase your own commits. It is never overwritten by force",
  migration_history:
    "the migrations of the folder and those of the database differ; fetch the missing ones, and compare the schemas before anything is marked as applied or reverted",
  build_failed: "the build fails; its first error says what to correct",
  invalid_function_name:
    "the name of the function is not one that the platform takes; a person chooses another, since its address changes with it",
  file_outside_project:
    "the function imports a file from outside of `supabase/functions`; move what is shared into `_shared`",
  deploy_failed:
    "the release is refused or not healthy; at most one rollback a release, and none across a migration that takes something away",
};

const DATABASES: Readonly<Record<string, Advice>> = {
  read_only:
    "the database takes no writes here: write to the primary, or wait while the platform keeps it read-only because its disk is full. Read-only mode is never switched off by a repair",
  transaction_aborted:
    "an earlier statement of the same transaction failed, and that one is the cause: roll back, and read the first error",
  invalid_transaction_state:
    "the statement does not belong here in a transaction; correct the order of statements",
  resource_exhausted:
    "the statement needs more memory, disk or locks than one may have: do it in smaller parts, or add an index. The limits are never raised by a repair",
  limit_exceeded:
    "a limit of the server is exceeded by how the thing is built; a person decides on another form",
  missing_database:
    "the connection names a database that does not exist; correct the address. A database is never made by a repair",
  missing_role:
    "the connection names a role that does not exist or may not connect; correct the address. A role is never made by a repair",
  connection_config:
    "the server asks for another kind of connection; set `sslmode=require`. Checking of certificates stays on",
  object_not_ready: [
    [
      /replica identity/,
      "the table is published and has no key that tells its rows apart; add a primary key. It is never taken out of its publication",
    ],
    [/currval/, "the session has drawn no number yet; take it from the insert itself with `returning`"],
    [ANY, "the object is not in the state that the statement needs"],
  ],
  realtime_subscribe_failed:
    "the subscription names what is not published: correct schema, table and filter, or publish that table. All tables are never published",
  replication_lag:
    "the stream of changes lags; subscribe again and read the state by a query, as changes were lost. Slots are never dropped by a repair",
  corruption:
    "data on disk is damaged: stop writing to the table, and restore it from a backup. It is neither rebuilt nor tried again by a repair",
  platform_limit:
    "the platform has stopped or limited the project (quota, payment, disk): only its owner can change that; nothing is tried again until then",
  storage_error: "storage reports a fault of its own; its log says which",
  server_misconfigured: "the server is set up wrongly; its operator has to look",
  foreign_data_error: "a database behind this one failed; look there",
  query_canceled: "somebody cancelled the statement; that is an answer",
  internal_error: "the server reports a fault of its own; its log says which",
};

const ADVICE: Readonly<Record<string, Advice>> = {
  ...MODELS,
  ...SERVICES,
  ...PROGRAMS,
  ...DEPLOYMENTS,
  ...DATABASES,
};

/** What to do about the class of an error, one sentence; null where the catalogue says nothing. */
export function adviceOf({ errorType, message }: Pick<ErrorFacts, "errorType" | "message">): string | null {
  const advice = Object.hasOwn(ADVICE, errorType) ? ADVICE[errorType]! : [];
  if (typeof advice === "string") return advice;
  return advice.find(([words]) => words.test(message))?.[1] ?? null;
}
