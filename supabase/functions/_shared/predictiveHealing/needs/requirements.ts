/** What a description in plain language will likely need; likely is never called missing. @module */

import type { Need, NeedSubject } from "../need.ts";
import type { ProjectRead } from "./context.ts";

interface Hint {
  words: RegExp;
  subject: NeedSubject;
  because: string;
}

function secret(name: string): NeedSubject {
  return { kind: "secret", name, from: "environment", optional: false };
}

const HINTS: readonly Hint[] = [
  {
    words: /\b(embeddings?|semantic search|vector (search|store)|RAG)\b/i,
    subject: { kind: "extension", extension: "vector", provides: "vector" },
    because: "embeddings are kept in a vector column",
  },
  {
    words: /\b(nearby|near me|geo(location|spatial)|within \d+ ?(km|miles)|maps?)\b/i,
    subject: { kind: "extension", extension: "postgis", provides: "geography" },
    because: "distances between places are asked",
  },
  {
    words: /\b(fuzzy|typo[- ]tolerant|autocomplete)\b/i,
    subject: { kind: "extension", extension: "pg_trgm", provides: "similarity" },
    because: "texts are found by likeness",
  },
  {
    words:
      /\b(every (day|night|hour|week|morning|\d+ minutes)|nightly|hourly|daily|weekly|scheduled?|cron)\b/i,
    subject: { kind: "extension", extension: "pg_cron", provides: "schedule" },
    because: "something is done by the clock",
  },
  {
    words: /\b(upload|avatars?|attachments?|profile pictures?|photos?)\b/i,
    subject: { kind: "bucket", name: "uploads" },
    because: "files are uploaded",
  },
  {
    words: /\b(sign ?up|log ?in|sign ?in|accounts?|user profiles?|register)\b/i,
    subject: { kind: "sign_up_trigger", schema: "public", name: "profiles" },
    because: "people have accounts",
  },
  {
    words: /\b(log ?in|sign ?in) with google\b|\bgoogle (log ?in|sign ?in|oauth)\b/i,
    subject: { kind: "auth_provider", provider: "google" },
    because: "people sign in with Google",
  },
  {
    words: /\b(log ?in|sign ?in) with github\b|\bgithub (log ?in|sign ?in|oauth)\b/i,
    subject: { kind: "auth_provider", provider: "github" },
    because: "people sign in with GitHub",
  },
  {
    words: /\b(magic links?|oauth|(log ?in|sign ?in) with|password reset|reset (their|your|the) password)\b/i,
    subject: { kind: "redirect_url", url: "<origin>/auth/callback" },
    because: "a mail or a provider leads back to the app",
  },
  {
    words: /\b(openai|gpt|chat ?gpt)\b/i,
    subject: secret("OPENAI_API_KEY"),
    because: "a model of OpenAI is asked",
  },
  {
    words: /\b(anthropic|claude)\b/i,
    subject: secret("ANTHROPIC_API_KEY"),
    because: "a model of Anthropic is asked",
  },
  {
    words: /\b(stripe|checkout|subscriptions?|payments?)\b/i,
    subject: secret("STRIPE_SECRET_KEY"),
    because: "money is taken",
  },
  {
    words: /\b(stripe|payments?) webhooks?\b|\bsubscription (status|renewal)/i,
    subject: secret("STRIPE_WEBHOOK_SECRET"),
    because: "the payment service reports back",
  },
  {
    words: /\b(resend|send(s|ing)? (an? )?e-?mails?|e-?mail notifications?)\b/i,
    subject: secret("RESEND_API_KEY"),
    because: "mails are sent",
  },
];

/** What the words of the description hint at. */
export function requirementNeeds({ requirements }: ProjectRead): Need[] {
  const needs: Need[] = [];
  for (const [index, line] of requirements.split("\n").entries()) {
    for (const { words, subject, because } of HINTS) {
      const said = words.exec(line)?.[0];
      if (said === undefined) continue;
      needs.push({
        subject,
        place: { file: "requirements", line: index + 1 },
        why: `"${said}": ${because}`,
        satisfy: "decide on it before the first migration, and write it down there",
        certainty: "likely",
      });
    }
  }
  return needs;
}
