/**
 * Failures that are known and that nobody mends on somebody's behalf: why not, and who can do what.
 *
 * A right that is refused, a token that is not accepted and a password that is wrong are answers, not faults. A filter
 * that matches nothing is never changed, and a schema that is not exposed is not exposed by a repair.
 *
 * @module
 */

import type { ErrorFacts } from "../core/fixes.ts";
import { adviceOf } from "./advice.ts";

/** By code, with words where one code has several meanings; the first line that fits counts. */
const BY_CODE: readonly (readonly [code: RegExp, words: RegExp, reason: string])[] = [
  [
    /^42501$/,
    /^new row violates row-level security policy/,
    "the policies refuse the row. Without a policy for reading, the same words come from `.select()` behind an insert: send the write without it. A policy is never added or opened to let a row in",
  ],
  [/^42501$/, /^must be owner of/, "only its owner may change it; run the migration as the owner"],
  [/^42501$/, /./, "a right is refused; whether the role should have it is for a person to say"],
  [/^42P17$/, /./, "the policies lead back to their own table, and how they are meant is not certain"],
  [
    /^22023$/,
    /^role ".*" does not exist/,
    "the token names a role that the database does not have; correct who issues the token. A role is never made from a token",
  ],
  [
    /^54001$/,
    /./,
    "a policy or trigger calls itself through a function; a person has to say where it shall stop",
  ],
  [
    /^57014$/,
    /./,
    "the statement takes too long; look at its plan, and at policies that call a function for each row",
  ],
  [
    /^23503$/,
    /objects_bucketId_fkey/,
    "the upload names a bucket that does not exist; create it, private, under the name that the code has",
  ],
  [
    /^(26000|42P05|08P01|0A000)$/,
    /prepared statement|cached plan/,
    "a statement was prepared on another connection: let the client prepare none behind a transaction pooler (`prepare: false`), or use its session port; nothing of the database is changed",
  ],
  [
    /^(refresh_token_\w+|session_\w+)$/,
    /./,
    "the session has ended; sign out here and ask to sign in. The same token is never sent twice",
  ],
  [
    /^/,
    /^(?:Auth session missing|Invalid Refresh Token)/,
    "the session has ended; sign out here and ask to sign in. The same token is never sent twice",
  ],
  [
    /^/,
    /^No API key found in request/,
    "the request has no key; send the project's public key in the header `apikey`. A secret key never goes into a browser",
  ],
  [
    /^over_(?:email|sms)_send_rate_limit$/,
    /./,
    "too many messages were sent this hour; wait, or set up a mail server of your own. Each further try counts",
  ],
  [/^otp_expired$/, /./, "the link or the number has run out; offer the person a new one"],
  [
    /^/,
    /^Error sending [a-z ]*(?:email|mail|sms|otp)/i,
    "the auth service could not send the message; correct the settings of its mail or SMS service. Another try meets the same settings",
  ],
  [
    /^/,
    /^Failed to reach hook|^Hook requires|^Error running hook/i,
    "a hook of the auth service does not answer as it should; correct the hook, or switch it off in the settings",
  ],
  [
    /^/,
    /^Bucket name invalid/,
    "the bucket's name has signs that storage does not take; a bucket's name is never changed, as its files are found by it",
  ],
  [
    /^PGRST000$/,
    /./,
    "the interface cannot reach the database; look whether the database runs, and at the address and password that the interface has",
  ],
  [
    /^PGRST001$/,
    /./,
    "the interface lost the database and connects again; read again later, and a write only under an idempotency key",
  ],
  [
    /^PGRST002$/,
    /./,
    "the interface cannot read the schema and tries again by itself; look for long locks on the catalogue and broken views",
  ],
  [
    /^PGRST003$/,
    /./,
    "no connection was free, so nothing was done; make the call again with a growing pause and fewer at a time",
  ],
  [
    /^PGRST100$/,
    /./,
    "the query's own text is wrong; a filter is never rewritten, as it decides which rows are meant",
  ],
  [/^PGRST101$/, /./, "a function is called with POST, or with GET where it only reads; correct the method"],
  [
    /^PGRST103$/,
    /./,
    "the range begins behind the last row; that is an answer, there are no more. Ask for an earlier one",
  ],
  [
    /^PGRST1(?:09|10)$/,
    /./,
    "a write with a limit needs an order by a column that is unique; say which rows are meant. The limit is never dropped",
  ],
  [
    /^PGRST118$/,
    /./,
    "rows are ordered by another table only where each has one row of it; order by a column of their own",
  ],
  [
    /^PGRST119$/,
    /./,
    "columns are spread from another table only where each row has one row of it; embed it instead",
  ],
  [
    /^PGRST102$/,
    /keys must match/,
    "the rows of one batch have different keys; send rows of one set of keys together, as `resilientDb` does, so that defaults stay defaults",
  ],
  [
    /^PGRST102$/,
    /./,
    "the body is no JSON; send `JSON.stringify(body)` with the content type `application/json`. What is missing is never guessed",
  ],
  [
    /^PGRST105$/,
    /./,
    "a PUT needs every column of the primary key as a filter; send a POST that merges duplicates instead",
  ],
  [
    /^PGRST106$/,
    /./,
    "the schema is not exposed, and a repair never exposes one; name the schema that has the table",
  ],
  [/^PGRST107$/, /./, "the interface does not give this media type; ask for `application/json`"],
  [
    /^PGRST108$|^PGRST120$/,
    /./,
    "the filter names a table that the select does not embed; embed it. The filter itself is never dropped",
  ],
  [
    /^PGRST11[12]$|^PGRST121$/,
    /./,
    "a function of the database sets its answer in a form that the interface cannot read; correct the function",
  ],
  [
    /^PGRST114$|^PGRST115$/,
    /./,
    "the key in the body is not the key in the address; only the caller knows which is meant",
  ],
  [
    /^PGRST116$/,
    /./,
    "not exactly one row: for a read that may find none ask with `maybeSingle()`, or say `maybe: true` to `protectedDBCall`. For many rows a filter or a unique constraint is missing, and taking the first would hide that",
  ],
  [/^PGRST117$/, /./, "the interface has no such method; correct the caller"],
  [/^PGRST126$/, /./, "the interface does not describe itself here; read the schema from the catalogue"],
  [
    /^PGRST123$/,
    /./,
    "sums and counts in the select are switched off for this interface; a person decides about that. Write a function or a view for it",
  ],
  [
    /^PGRST124$/,
    /./,
    "more rows would be changed than the caller allows, so none was; the filter is wider than it should be. The allowance is never raised",
  ],
  [
    /^PGRST125$/,
    /./,
    "nothing has this address; correct the path: a table's name alone, or `rpc/` and a function's",
  ],
  [/^PGRST127$/, /./, "this server cannot do what the query asks for; ask in another way, or update it"],
  [
    /^PGRST303$/,
    /not yet valid|in the future/i,
    "the token is not valid yet: the clocks of who made it and of the server differ; correct the clock, then sign in again",
  ],
  [
    /^PGRST12[2-8]$/,
    /./,
    "a preference of the request cannot be met as it stands; the caller has to say what is meant",
  ],
  [/^PGRST200$/, /./, "no foreign key joins these tables; add one, or read them apart"],
  [
    /^PGRST201$/,
    /./,
    "several foreign keys join these tables; name the one that is meant in the select. The first is never picked",
  ],
  [
    /^PGRST202$/,
    /./,
    "no function has this name with these arguments; correct the names of the arguments. Another function is never called in its place",
  ],
  [/^PGRST203$/, /./, "several functions fit the call; rename or drop the one that is not used"],
  [
    /^PGRST20[45]$/,
    /./,
    "the database has no such column or table; correct the name, or add it by a migration",
  ],
  [/^PGRST300$/, /./, "the interface has no key to check tokens with; set it in the project's settings"],
  [
    /^PGRST30[13]$/,
    /./,
    "the token is not accepted; refresh the session once, then sign in again. Another key is never tried",
  ],
  [/^PGRST302$/, /./, "the request has no token, and nobody may call without; attach the session's token"],
];

/** By class, for services that have no codes of their own. */
const BY_TYPE: Readonly<Record<string, string>> = {
  auth_database_error:
    "a trigger or a right behind the auth service fails the same way each time; its own tables are never touched",
  user_exists: "the person has an account; offer to sign in. An existing account is never changed",
  token_expired: "the token has run out; refresh the session once, then sign in again",
  auth_failed: "credentials are not accepted; that is an answer, and many of them are an attack",
  auth_refused: "the auth service refuses it by its settings; a person decides about them",
  signature_invalid:
    "a signature or key is not accepted; correct the key in the settings. Another key is never tried",
  row_level_security:
    "the policies of storage refuse the file; write a policy for its owner's folder. A policy is never opened to let a file in",
  object_exists: "a file of this name exists; choose another name, or replace it where the caller owns it",
  object_not_found:
    "there is no such file; look for other spellings in its folder. An empty file is never made",
  unsupported_media_type:
    "the bucket does not take this type; send the file's true type. What a bucket takes is never widened",
  invalid_object_key:
    "the name has characters that storage does not take; upload it with `resilientStorage`, which keeps it under a key of the same folder that tells the name",
  missing_bucket: "the bucket does not exist, and the error does not say which one is meant",
  storage_schema_mismatch: "storage is being upgraded; wait for the platform",
  permission_denied: "a right is refused; whether the role should have it is for a person to say",
  storage_error:
    "storage refuses the call as it is; its own words say why. Nothing of it is changed to get round that",
};

const TRANSIENT_REASON =
  "it passes by itself: make the call again with a growing pause, a write only under an idempotency key";

/** Why nobody mends a known failure, one sentence for a person; null for what is not known. */
export function refusalOf({ code, message, errorType, transient }: ErrorFacts): string | null {
  const known = BY_CODE.find(([codes, words]) => codes.test(code) && words.test(message));
  if (known !== undefined) return known[2];
  const advice = adviceOf({ errorType, message });
  if (advice !== null) return advice;
  if (Object.hasOwn(BY_TYPE, errorType)) return BY_TYPE[errorType]!;
  return transient ? TRANSIENT_REASON : null;
}
