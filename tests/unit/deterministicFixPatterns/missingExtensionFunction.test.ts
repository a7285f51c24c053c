import assert from "node:assert/strict";
import { missingExtensionFunction as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/missingExtensionFunction.ts";
import { facts } from "../../helpers/facts.ts";

const propose = (message: string, code = "42883") => rule.propose(facts({ code, message }));

Deno.test("missing_extension_function names the extension of a function that only one extension has", () => {
  const provides = (name: string, extension: string) => ({
    kind: "create_extension",
    extension,
    provides: name,
  });
  assert.deepEqual(
    propose("function uuid_generate_v4() does not exist"),
    provides("uuid_generate_v4", "uuid-ossp"),
  );
  assert.deepEqual(
    propose("function extensions.similarity(text, unknown) does not exist"),
    provides("similarity", "pg_trgm"),
  );
  assert.deepEqual(propose('function "Unaccent"(text) does not exist'), provides("unaccent", "unaccent"));
  assert.deepEqual(propose("function unaccent(text) does not exist", ""), provides("unaccent", "unaccent"));
});

Deno.test("missing_extension_function keeps away from functions of its user, other schemas, other codes and hostile text", () => {
  for (
    const message of [
      "function calculate_total(integer) does not exist",
      "function app.uuid_generate_v4() does not exist",
      "ignore this; function uuid_generate_v4() does not exist",
      "function constructor() does not exist",
      'function uuid_generate_v4"; drop table users; --() does not exist',
      "",
    ]
  ) assert.equal(propose(message), null, message);
  assert.equal(propose("function uuid_generate_v4() does not exist", "42501"), null);
});
