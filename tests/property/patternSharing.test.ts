/** Whatever a project's patterns hold, no name, value, host or id of it leaves; whatever comes in, nothing but a coded error or a whole import. */

import assert from "node:assert/strict";
import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import type { Json } from "../../supabase/functions/_shared/core/ports.ts";
import type { RpcPort } from "../../supabase/functions/_shared/healingDb.ts";
import {
  createPatternKey,
  exportPatterns,
  importPatterns,
} from "../../supabase/functions/_shared/patternSharing.ts";
import { documentDraft, signDraft } from "../helpers/patternDocuments.ts";
import { assertAsyncProperty, fc } from "../helpers/property.ts";

const key = await createPatternKey();

/** The two calls that the door makes, answered from memory. */
function portOf(answers: Record<string, Json>, calls: string[] = []): RpcPort {
  return {
    call: <T>(name: string) => {
      calls.push(name);
      return Promise.resolve(answers[name] as T);
    },
  };
}

const letters = fc.stringMatching(/^zq[a-z]{6,12}$/);
/** What a project would not want to see elsewhere. */
const planted = fc.oneof(
  letters,
  letters.map((name) => `${name}_${name}`),
  letters.map((name) => name.toUpperCase()),
  letters.map((name) => `${name}.internal.example`),
  letters.map((name) => `${name}@example.com`),
  letters.map((name) => `/srv/${name}/main.ts`),
  fc.integer({ min: 100_000, max: 2 ** 40 }).map((id) => `77${id}`),
  fc.uuid(),
  letters.map((name) => `"${name}"`),
  letters.map((name) => `${name}$1`),
  letters.map((name) => `schema\u200b${name}`),
  fc.constantFrom("Zqmüller", "ʐ名前", "zq\u0000zero"),
);
const common = fc.constantFrom(
  "schema",
  "$1",
  "does",
  "not",
  "exist",
  "column",
  "of",
  "relation",
  "$2",
  "(",
  '"',
  ",",
);

interface Stored {
  id: string;
  error_signature: string;
  fix_strategy: Record<string, Json>;
  category: string;
}

const CLEAN: Stored = {
  id: "1",
  error_signature: "3F000: schema $1 does not exist",
  fix_strategy: { kind: "create_schema", schema: "$1" },
  category: "database",
};

/** A pattern with secrets in some of its places. */
const withSecrets = fc.record({
  words: fc.array(common, { maxLength: 6 }),
  secrets: fc.array(planted, { minLength: 1, maxLength: 3 }),
  place: fc.constantFrom("signature", "code", "parameter", "key", "kind", "category", "glued", "nested"),
}).map(({ words, secrets, place }): { stored: Stored; secrets: string[] } => {
  const secret = secrets.join(" ");
  const text = words.join(" ");
  const stored: Record<string, Partial<Stored>> = {
    signature: { error_signature: `3F000: ${text} ${secret}` },
    code: { error_signature: `${secret}: ${text} schema` },
    parameter: { fix_strategy: { kind: "create_schema", schema: secret } },
    key: { fix_strategy: { kind: "create_schema", schema: "$1", [secret]: "$1" } },
    kind: { fix_strategy: { kind: secret } },
    category: { category: secret },
    glued: { error_signature: `3F000: schema(${secrets[0]})"${secrets.at(-1)}"` },
    nested: { fix_strategy: { kind: "create_schema", schema: { [secret]: secret } } },
  };
  return { stored: { ...CLEAN, ...stored[place] }, secrets };
});

Deno.test("exportPatterns() never lets out anything that was planted, and lets out what is clean", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(fc.array(withSecrets, { minLength: 1, maxLength: 12 }), async (patterns) => {
      const stored = [...patterns.map((one) => one.stored), CLEAN] as unknown as Json;
      const db = portOf({ get_shareable_patterns: stored });
      const { document, exported } = await exportPatterns(db, { privateKey: key.privateKey });
      assert.equal(exported, 1, "the clean one and no other");
      const text = document!.toLowerCase();
      for (const secret of patterns.flatMap(({ secrets }) => secrets)) {
        // Quotes and slots are everybody's; what stands around them is not.
        const bare = secret.replaceAll(/["$]|\$1$/g, "").toLowerCase();
        assert.ok(!text.includes(bare), `${JSON.stringify(secret)} is in ${text}`);
      }
    }),
    { runs: 500 },
  );
});

Deno.test("importPatterns() answers any change of a good document with a coded error, before it stores anything", async () => {
  const good = await signDraft(documentDraft(key), key);
  const settings = { trusted_pattern_keys: { wanted: [key.publicKey] } };
  await assertAsyncProperty(
    fc.asyncProperty(
      fc.nat(good.length - 1),
      fc.string({ maxLength: 5, unit: "binary" }),
      async (at, noise) => {
        const changed = good.slice(0, at) + noise + good.slice(at + 1);
        const calls: string[] = [];
        const db = portOf({ get_healing_settings: settings, import_patterns: { id: "i" } }, calls);
        const outcome = await importPatterns(db, changed).then(() => "stored", (error: unknown) => error);
        if (outcome === "stored") {
          // Only what means the same may pass: a space where one may stand, or the same letter again.
          assert.deepEqual(JSON.parse(changed), JSON.parse(good));
          return;
        }
        assert.ok(isHealingError(outcome), String(outcome));
        assert.ok(!calls.includes("import_patterns"), "nothing is stored");
      },
    ),
    { runs: 500 },
  );
});

Deno.test("importPatterns() answers any JSON with a coded error", async () => {
  await assertAsyncProperty(
    fc.asyncProperty(fc.json({ maxDepth: 8 }), async (text) => {
      const outcome = await importPatterns(portOf({ get_healing_settings: {} }), text).then(
        () => null,
        (error) => error,
      );
      assert.ok(isHealingError(outcome), String(outcome));
    }),
    { runs: 300 },
  );
});
