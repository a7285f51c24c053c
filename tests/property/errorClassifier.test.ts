/** What holds of the classifier whatever it is given. @module */

import assert from "node:assert/strict";
import {
  type ClassifierInput,
  classifyError,
  ERROR_TYPES,
} from "../../supabase/functions/_shared/errorClassifier.ts";
import { sanitizeError } from "../../supabase/functions/_shared/errorSanitizer.ts";
import { assertProperty, fc } from "../helpers/property.ts";
import { DATABASE } from "../unit/errorClassifier/database.ts";
import { MODELS } from "../unit/errorClassifier/models.ts";
import { PROGRAMS } from "../unit/errorClassifier/programs.ts";
import { SERVICES } from "../unit/errorClassifier/services.ts";

const known = fc.constantFrom(
  ...[...DATABASE, ...MODELS, ...SERVICES, ...PROGRAMS].map(({ input }) => input),
);
const noise = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("{", '{"error":', "PGRST204", "SQLSTATE 42P01", "429", "\n"),
);

Deno.test("classifyError() gives a known class and never throws, for anything thrown", () => {
  assertProperty(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), noise, (thrown, text) => {
      for (
        const error of [sanitizeError(thrown), { message: text, body: thrown, details: thrown, code: text }]
      ) {
        const verdict = classifyError(error);
        assert.ok(ERROR_TYPES.includes(verdict.errorType));
        assert.ok(verdict.transient || !verdict.retryable);
        assert.deepEqual(JSON.parse(JSON.stringify(verdict)), verdict);
      }
    }),
    { runs: 500 },
  );
});

Deno.test("classifyError() gives the same verdict for the same input", () => {
  assertProperty(
    fc.property(
      known,
      (input: ClassifierInput) => assert.deepEqual(classifyError(input), classifyError({ ...input })),
    ),
  );
});

Deno.test("classifyError() is not talked out of a SQLSTATE by what the message quotes", () => {
  const quoted = fc.constantFrom(
    "deadlock detected",
    "Connection reset by peer",
    "429",
    "please retry",
    "Rate limit reached for x",
    "fetch failed",
    "query_wait_timeout",
    "PGRST002",
    "SQLSTATE 40P01",
    '{"code":"40001","status":503}',
    '{"error":{"type":"overloaded_error"}}',
  );
  assertProperty(fc.property(quoted, (text) => {
    const message = `invalid input syntax for type integer: "${text}"`;
    const { errorType, transient, retryable } = classifyError({ name: "error", code: "22P02", message });
    assert.deepEqual({ errorType, transient, retryable }, {
      errorType: "invalid_input",
      transient: false,
      retryable: false,
    });
  }));
});
