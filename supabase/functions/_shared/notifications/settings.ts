/**
 * What the environment says about channels of notifications. What is unset or unusable switches off only its own
 * channel, and says why; a reason never holds a value.
 *
 * @module
 */

import type { Environment } from "../core/settings.ts";
import type { NotificationChannelKind } from "../healingDb.ts";
import type { EmailAccount } from "./email.ts";
import type { SmsAccount } from "./sms.ts";

/** The channels that are set up, and why the others are not. */
export interface NotificationSettings {
  slack?: { url: string };
  webhook?: { url: string; secret: string };
  email?: EmailAccount;
  sms?: SmsAccount;
  /** One sentence for each kind that is missing above. */
  problems: Partial<Record<NotificationChannelKind, string>>;
}

const RESEND_URL = "https://api.resend.com";
const TWILIO_URL = "https://api.twilio.com";
const SHORTEST_SECRET = 16;

/**
 * Reads `SLACK_WEBHOOK_URL`, `WEBHOOK_URL`, `WEBHOOK_SECRET`, `RESEND_API_KEY`, `RESEND_FROM`, `TWILIO_ACCOUNT_SID`,
 * `TWILIO_AUTH_TOKEN` and `TWILIO_FROM`; never throws.
 *
 * An address has to be https. Only in a local stack, whose own address is this machine, may it be http to this machine.
 */
export function readNotificationSettings(env: Environment = Deno.env): NotificationSettings {
  const settings: NotificationSettings = { problems: {} };
  const { problems } = settings;
  const isLocal = isThisMachine(env.get("SUPABASE_URL") ?? "");
  const slack = env.get("SLACK_WEBHOOK_URL");
  if (isUsableAddress(slack, isLocal)) settings.slack = { url: slack };
  else problems.slack = problemOf("SLACK_WEBHOOK_URL", slack);
  const url = env.get("WEBHOOK_URL");
  const secret = env.get("WEBHOOK_SECRET");
  if (!isUsableAddress(url, isLocal)) problems.webhook = problemOf("WEBHOOK_URL", url);
  else if (!isUsableSecret(secret)) problems.webhook = secretProblem("WEBHOOK_SECRET", secret);
  else settings.webhook = { url, secret };
  readAccounts(env, settings);
  return settings;
}

function readAccounts(env: Environment, settings: NotificationSettings): void {
  const { problems } = settings;
  const apiKey = env.get("RESEND_API_KEY");
  const emailFrom = env.get("RESEND_FROM");
  if (!isHeaderSafe(apiKey)) problems.email = secretProblem("RESEND_API_KEY", apiKey);
  else if (!isSender(emailFrom)) problems.email = "RESEND_FROM is not set to an address";
  else settings.email = { apiKey, from: emailFrom, baseUrl: RESEND_URL };
  const accountSid = env.get("TWILIO_ACCOUNT_SID");
  const authToken = env.get("TWILIO_AUTH_TOKEN");
  const smsFrom = env.get("TWILIO_FROM");
  if (!/^AC[0-9a-f]{32}$/i.test(accountSid ?? "")) {
    problems.sms = "TWILIO_ACCOUNT_SID is not set to the id of an account";
  } else if (!isHeaderSafe(authToken)) problems.sms = secretProblem("TWILIO_AUTH_TOKEN", authToken);
  else if (!/^(?:\+[1-9]\d{6,14}|[A-Za-z0-9 ]{1,11})$/.test(smsFrom ?? "")) {
    problems.sms = "TWILIO_FROM is not set to a sender";
  } else settings.sms = { accountSid: accountSid!, authToken, from: smsFrom!, baseUrl: TWILIO_URL };
}

function isSender(from: string | undefined): from is string {
  return from !== undefined && from.length <= 200 && /^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/.test(from);
}

function isUsableAddress(address: string | undefined, isLocal: boolean): address is string {
  if (!address || address.length > 2_000 || !URL.canParse(address)) return false;
  const { protocol, username, password, hostname } = new URL(address);
  // The address of a cloud's metadata takes no messages.
  if (username !== "" || password !== "" || /^(?:169\.254\.|\[fe80:)/i.test(hostname)) return false;
  return protocol === "https:" || protocol === "http:" && isLocal && isThisMachine(address);
}

function isThisMachine(address: string): boolean {
  return URL.canParse(address) && /^(?:127(?:\.\d+){3}|localhost|\[::1\])$/.test(new URL(address).hostname);
}

function isHeaderSafe(secret: string | undefined): secret is string {
  return secret !== undefined && secret.length >= SHORTEST_SECRET && /^[\x21-\x7e]+$/.test(secret);
}

/** Behind `whsec_` stands base64. */
function isUsableSecret(secret: string | undefined): secret is string {
  if (!isHeaderSafe(secret)) return false;
  return !secret.startsWith("whsec_") ||
    /^whsec_(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret);
}

function problemOf(name: string, value: string | undefined): string {
  return value ? `${name} is no https address` : `${name} is not set`;
}

function secretProblem(name: string, value: string | undefined): string {
  return value ? `${name} is no secret of ${SHORTEST_SECRET} characters or more` : `${name} is not set`;
}
