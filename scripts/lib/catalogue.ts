/** What the catalogue queries of the gates, the schema dump and the types share. @module */

/** The schemas that the migrations fill, as a condition over `pg_namespace`. */
export const OUR_SCHEMAS = "(nspname = 'public' or nspname like 'healing\\_%')";
