import assert from "node:assert/strict";
import { missingExtensionType as rule } from "../../../supabase/functions/_shared/deterministicFixPatterns/missingExtensionType.ts";
import { facts } from "../../helpers/facts.ts";

const propose = (message: string, code = "42704") => rule.propose(facts({ code, message }));

Deno.test("missing_extension_type names the extension of a type", () => {
  assert.deepEqual(propose('type "citext" does not exist'), {
    kind: "create_extension",
    extension: "citext",
    provides: "citext",
  });
  assert.deepEqual(propose('type "vector" does not exist'), {
    kind: "create_extension",
    extension: "vector",
    provides: "vector",
  });
  assert.deepEqual(propose('type "extensions.hstore" does not exist'), {
    kind: "create_extension",
    extension: "hstore",
    provides: "hstore",
  });
});

Deno.test("missing_extension_type keeps away from types of its user and from other codes", () => {
  for (
    const message of [
      'type "mood" does not exist',
      'type "toString" does not exist',
      'role "citext" does not exist',
    ]
  ) {
    assert.equal(propose(message), null, message);
  }
  assert.equal(propose('type "citext" does not exist', "42P01"), null);
});

Deno.test("missing_extension_type puts a number into a gist index by its extension, and guesses nothing for a text", () => {
  const words = (type: string, method = "gist") =>
    `data type ${type} has no default operator class for access method "${method}"`;
  assert.deepEqual(propose(words("integer")), {
    kind: "create_extension",
    extension: "btree_gist",
    provides: "gist_int4_ops",
  });
  assert.equal(propose(words("text")), null);
  assert.equal(propose(words("integer", "gin")), null);
  assert.equal(propose(words("constructor")), null);
});
