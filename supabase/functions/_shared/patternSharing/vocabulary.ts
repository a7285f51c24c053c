/**
 * The words that may leave a project: those that Postgres, PostgREST and the platform use in every message, the names of
 * types and of extensions with what they provide. A word that is not here could be somebody's name, and stays at home.
 *
 * @module
 */

import { sqlStateFact } from "../core/sqlState.ts";
import { PROVIDED_NAMES } from "../deterministicFixPatterns.ts";
import { INSTALLABLE_EXTENSIONS } from "../fixActions.ts";

const MESSAGE_WORDS = `
  a an and any are as at be because been but by can cannot could did do does for from had has have if in into is it its
  may more must no non not of on one only or other out same should than that the then there this to too use used was were
  when which while will with without would yet you your
  already aggregate ambiguous argument arguments array auth authenticated available bad belongs between boolean bucket
  busy cache called cannot cast changed check closed code column columns conflict connection constraint contains could
  create current data database date default defined denied dependent detail does driver duplicate edge element empty
  error exceeded exclusion exist exists expected expired extension failed failure field fields find foreign found function
  functions gateway generated given grant hint identifier index infinite input insert integer internal invalid is jwt key
  keys limit limited literal load lock long loop malformed many matching message method migration missing module multiple
  name names near need null number numeric object offline operation operator or out overloaded parameter parameters parse
  partition permission policy postgres postgrest primary procedure provider query quota range rate reached read recursion
  reference referenced refused relation relationship replication request required reset resource response result retry
  role row rows schema schemas secret select sequence serialize server service session set size specified statement state
  status storage string supported syntax system table tables temporarily text timeout timed time timestamp token too
  transaction trigger trying type types unable unavailable undefined unique unknown unsupported update value values
  version view violates violation waiting write wrong
  bigint bool bytea char character double inet interval json jsonb precision real regclass smallint timestamptz tsvector
  uuid varchar varying zone
  id ip n path str duration email url hash hex anonymous file
`;

const WORDS: ReadonlySet<string> = new Set([
  ...MESSAGE_WORDS.split(/\s+/).filter(Boolean),
  ...INSTALLABLE_EXTENSIONS,
  ...PROVIDED_NAMES,
]);

const SLOT = /^\$[1-9][0-9]?$/;

/** True for a word of the closed list, a slot, or nothing. */
export function isSharedWord(word: string): boolean {
  return SLOT.test(word) || WORDS.has(word.toLowerCase());
}

/** True when a signature is a code and then nothing but shared words, slots and the punctuation of messages. */
export function isSharedSignature(signature: string): boolean {
  const match = /^(?:migration )?([0-9A-Z]{3,8}): ([^]{1,480})$/.exec(signature);
  if (match === null || !isErrorCode(match[1]!)) return false;
  return match[2]!.split(/[\s"'`(),.:;!?<>=/+*[\]{}]+/).every((word) => word === "" || isSharedWord(word));
}

/** A SQLSTATE of a known class, a code of PostgREST, or an HTTP status: a number may be anybody's. */
function isErrorCode(code: string): boolean {
  return sqlStateFact(code) !== undefined || /^(?:PGRST[0-9]{3}|[45][0-9]{2})$/.test(code);
}
