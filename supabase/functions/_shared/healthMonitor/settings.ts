/** What the environment says about the services to look at. @module */

import { type AiTarget, type Environment, readAiSettings, readSettings } from "../core/settings.ts";
import { part } from "../core/unknownValues.ts";
import { type NotificationSettings, readNotificationSettings } from "../notifications.ts";
import type { FileAccount } from "./files.ts";

/** The services, or why one is not looked at. */
export interface HealthSettings {
  ai: AiTarget | { missing: string };
  email: NonNullable<NotificationSettings["email"]> | { missing: string };
  sms: NonNullable<NotificationSettings["sms"]> | { missing: string };
  files: FileAccount;
}

const UPLOADTHING_URL = "https://api.uploadthing.com";

/**
 * Reads the settings of the language model, of Resend and of Twilio, and `FILE_SERVICE`: `storage` when it is left out,
 * `uploadthing` with `UPLOADTHING_TOKEN`, or `none`. Never throws.
 */
export function readHealthSettings(env: Environment = Deno.env): HealthSettings {
  const ai = readAiSettings(env);
  const { email, sms, problems } = readNotificationSettings(env);
  return {
    ai: ai.targets[0] ?? { missing: ai.problems[0] ?? "no model is named" },
    email: email ?? { missing: problems.email ?? "RESEND_API_KEY is not set" },
    sms: sms ?? { missing: problems.sms ?? "TWILIO_ACCOUNT_SID is not set" },
    files: readFileAccount(env),
  };
}

function readFileAccount(env: Environment): FileAccount {
  const service = env.get("FILE_SERVICE") || "storage";
  if (service === "none") return { missing: "FILE_SERVICE is none" };
  if (service === "uploadthing") {
    const apiKey = keyInToken(env.get("UPLOADTHING_TOKEN"));
    return apiKey === undefined
      ? { missing: "UPLOADTHING_TOKEN is not set to a token with a key" }
      : { kind: "uploadthing", baseUrl: UPLOADTHING_URL, apiKey };
  }
  if (service !== "storage") return { missing: "FILE_SERVICE is none of storage, uploadthing and none" };
  const { url, secretKeys: [key] } = readSettings(env);
  return url === undefined || key === undefined
    ? { missing: "SUPABASE_URL or the project's secret key is not set" }
    : { kind: "storage", url, key };
}

/** The token is base64 of JSON that has the key in it. */
function keyInToken(token: string | undefined): string | undefined {
  try {
    const key = part(JSON.parse(atob(token ?? "")), "apiKey");
    return typeof key === "string" && /^[\x21-\x7e]{16,200}$/.test(key) ? key : undefined;
  } catch {
    return undefined;
  }
}
