/** What an advisor is. @module */

/** One rule over the catalogue. */
export interface Advisor {
  /** Its stable name. */
  key: string;
  /** Finds what is wrong, as one column `object`. */
  sql: string;
  /** What is wrong with the object and what to do, as the rest of a sentence. */
  advice: string;
}
