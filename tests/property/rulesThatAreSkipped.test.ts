/** A rule that is skipped because of what a text does not hold would have found nothing in it. @module */

import assert from "node:assert/strict";
import { AI_RULES } from "../../supabase/functions/_shared/errorClassifier/aiRules.ts";
import { AUTH_RULES } from "../../supabase/functions/_shared/errorClassifier/authRules.ts";
import { DEPLOYMENT_RULES } from "../../supabase/functions/_shared/errorClassifier/deploymentRules.ts";
import { EDGE_RULES } from "../../supabase/functions/_shared/errorClassifier/edgeRules.ts";
import {
  landmarksOf,
  mayMatch,
  needsOf,
} from "../../supabase/functions/_shared/errorClassifier/landmarks.ts";
import { NETWORK_RULES } from "../../supabase/functions/_shared/errorClassifier/networkRules.ts";
import { POOLER_RULES } from "../../supabase/functions/_shared/errorClassifier/poolerRules.ts";
import { POSTGRES_RULES } from "../../supabase/functions/_shared/errorClassifier/postgresRules.ts";
import { POSTGREST_RULES } from "../../supabase/functions/_shared/errorClassifier/postgrestRules.ts";
import { RUNTIME_RULES } from "../../supabase/functions/_shared/errorClassifier/runtimeRules.ts";
import { STORAGE_RULES } from "../../supabase/functions/_shared/errorClassifier/storageRules.ts";
import { CREDENTIAL_RULES } from "../../supabase/functions/_shared/errorSanitizer/credentialRules.ts";
import { ANNOUNCEMENTS } from "../../supabase/functions/_shared/errorSanitizer/keyValues.ts";
import { PERSONAL_RULES } from "../../supabase/functions/_shared/errorSanitizer/personalRules.ts";
import { groupRules } from "../../supabase/functions/_shared/errorSanitizer/rule.ts";
import { judgeName, TELLING_PART } from "../../supabase/functions/_shared/errorSanitizer/secretNames.ts";
import { TOKEN_RULES } from "../../supabase/functions/_shared/errorSanitizer/tokenRules.ts";
import { textsMatching } from "../helpers/matchingTexts.ts";
import { assertProperty, fc } from "../helpers/property.ts";
import { SECRETS } from "../unit/errorSanitizer/secrets.ts";

const CLASSIFIER_PATTERNS = [
  ...AI_RULES,
  ...AUTH_RULES,
  ...DEPLOYMENT_RULES,
  ...EDGE_RULES,
  ...NETWORK_RULES,
  ...POOLER_RULES,
  ...POSTGRES_RULES,
  ...POSTGREST_RULES,
  ...RUNTIME_RULES,
  ...STORAGE_RULES,
].flatMap(({ pattern }) => pattern === undefined ? [] : [pattern]);
const SANITIZER_GROUPS = [CREDENTIAL_RULES, TOKEN_RULES, PERSONAL_RULES].map(groupRules);

const around = fc.oneof(fc.constantFrom("", " ", "\n", ": ", '"', "(", "a"), fc.string({ maxLength: 8 }));
const spelt = (text: fc.Arbitrary<string>) =>
  fc.tuple(around, text, around, fc.constantFrom("as it is", "upper", "lower")).map(
    ([before, inner, after, spelling]) =>
      before +
      (spelling === "upper" ? inner.toUpperCase() : spelling === "lower" ? inner.toLowerCase() : inner) +
      after,
  );

/** True wherever the pattern stands, whatever its flag says of the place to begin at. */
function fits(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  const isFound = pattern.test(text);
  pattern.lastIndex = 0;
  return isFound;
}

Deno.test("classifyError() skips no pattern that matches", () => {
  let followed = 0;
  for (const pattern of CLASSIFIER_PATTERNS) {
    const texts = textsMatching(pattern);
    if (texts === undefined) continue;
    followed += 1;
    assertProperty(
      fc.property(spelt(texts), (text) => {
        if (!fits(pattern, text)) return;
        assert.ok(mayMatch(needsOf(pattern), landmarksOf(text)), `${pattern} is skipped for ${text}`);
      }),
      { runs: 30 },
    );
  }
  assert.ok(followed > CLASSIFIER_PATTERNS.length * 0.9, `${followed} of ${CLASSIFIER_PATTERNS.length}`);
});

Deno.test("needsOf() asks for nothing where an alternative has no plain signs", () => {
  const skipped = (pattern: RegExp) => !mayMatch(needsOf(pattern), landmarksOf("nothing of that kind"));
  assert.ok(skipped(/deadlock detected/) && skipped(/DEADLOCK/i) && skipped(/abcd?e[x]|\(EMAX\)/));
  for (const pattern of [/deadlock|\d+/, /(?:deadlock|busy)/, /ab?c?d/, /deadloc*k{0}/u, /[a]{3}/]) {
    assert.ok(!skipped(pattern), String(pattern));
  }
});

Deno.test("sanitizeText() skips no rule that fits", () => {
  const samples = fc.constantFrom(...SECRETS.map(({ text }) => text));
  for (const { needs: ofGroup, rules } of SANITIZER_GROUPS) {
    for (const { pattern, needs = pattern } of rules) {
      const texts = textsMatching(pattern);
      assertProperty(
        fc.property(spelt(texts === undefined ? samples : fc.oneof(texts, samples)), (text) => {
          if (!fits(pattern, text)) return;
          assert.ok(fits(needs, text) && ofGroup.test(text), `${pattern} is skipped for ${text}`);
        }),
        { runs: 300 },
      );
    }
  }
});

Deno.test("sanitizeText() skips no name that is judged, and no words that announce a secret", () => {
  const words =
    "api secret private access service role auth client refresh key keys token tokens pass password pin otp " +
    "code verification recovery mfa sid sig signature session sess dsn csrf xsrf phone mobile whatsapp number no cvv2 " +
    "apikey passphrase pgpassword connectionstring creds credential verifier bearer mnemonic psw page has is x";
  const name = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...words.split(" ")), fc.string({ maxLength: 4 })),
      fc.constantFrom("", "_", "-", ".", " ", "__"),
      fc.boolean(),
    ),
    { minLength: 1, maxLength: 4 },
  ).map((parts) =>
    parts.map(([word, sign, isCapital]) =>
      (isCapital ? word.charAt(0).toUpperCase() + word.slice(1) : word) + sign
    )
      .join("")
  );
  assertProperty(
    fc.property(name, (text) => {
      if (judgeName(text) !== "no") assert.ok(TELLING_PART.test(text), `${text} is skipped`);
    }),
    { runs: 20_000 },
  );
  for (const pattern of ANNOUNCEMENTS) {
    assertProperty(
      fc.property(spelt(textsMatching(pattern)!), (text) => {
        if (fits(pattern, text)) assert.ok(TELLING_PART.test(text), `${text} is skipped`);
      }),
      { runs: 500 },
    );
  }
});
