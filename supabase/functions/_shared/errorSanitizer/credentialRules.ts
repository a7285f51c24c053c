/**
 * Credentials that are known by where they stand: in a URL, a header, a cookie, a key block, a password hash.
 *
 * @module
 */

import { looksRandom } from "./randomness.ts";
import { isPlaceholder, placeholder, type RedactionRule } from "./rule.ts";

const DATABASE_SCHEMES =
  "postgres(?:ql)?|mysql2?|mariadb|mongodb(?:\\+srv)?|rediss?|amqps?|mssql|sqlserver|cockroachdb|clickhouse|nats|libsql";
const HAS_DIGIT = /\d/;

/** Rules for credentials with a known place, in the order in which they must run. */
export const CREDENTIAL_RULES: readonly RedactionRule[] = [
  {
    kind: "webhook-url",
    needs: /hooks\.slack\.com\//,
    pattern: /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]{8,}/g,
  },
  {
    kind: "webhook-url",
    needs: /\/webhooks\//,
    pattern: /(?<=discord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/)[A-Za-z0-9_-]{8,}/g,
  },
  {
    // A database password is often not percent-encoded, so it may hold any of `/?#@` up to the last `@`.
    kind: "credentials",
    needs: /@/,
    pattern: new RegExp(`(?<![A-Za-z])((?:${DATABASE_SCHEMES})://)([^\\s"'<>\`]{1,400})@`, "gi"),
    replace: (_match, [scheme, user]) => scheme + redactUserInfo(user!) + "@",
  },
  {
    kind: "credentials",
    needs: /@/,
    pattern: /([A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/)([^\s/?#@"'<>`\\]{1,400})@/g,
    replace: (_match, [scheme, user]) => scheme + redactUserInfo(user!) + "@",
  },
  {
    // The drivers' short form: user:password@tcp(host), user:password@host:5432/db.
    kind: "credentials",
    needs: /@/,
    pattern:
      /(?<![\w/.@:-])(?!(?:npm|jsr|node|file|https?|mailto|redacted):)[\w.-]{1,64}:[^\s:@/"'<>]{3,128}@(?=(?:tcp|unix)\(|[\w.-]{1,100}(?::\d{2,5}|\/[A-Za-z]))/g,
    replace: () => placeholder("credentials") + "@",
  },
  {
    kind: "authorization",
    needs: /authorization/i,
    pattern:
      /((?:proxy-)?authorization\\{0,3}["']?\s{0,3}(?:[:=]|=>|,)\s{0,3}\\{0,3}["']?)((?:bearer|basic|token|digest|negotiate|apikey|key|aws4-hmac-sha256|hmac|ntlm)\s+)?([^\s"'\\<>{}]{4,}(?:\s?,\s?[\w-]{1,40}=[^\s"'\\,]{1,400}){0,12})/gi,
    replace: (_match, [name, scheme, value]) => redactAuthorization(name!, scheme, value!),
  },
  {
    kind: "bearer",
    needs: /bearer/i,
    pattern: /(?<![A-Za-z])(bearer(?:\s+|%20|\+))([A-Za-z0-9._~+/-]{6,}=*)/gi,
    replace: (_match, [scheme, value]) =>
      HAS_DIGIT.test(value!) || looksRandom(value!) ? scheme + placeholder("bearer") : undefined,
  },
  {
    kind: "basic-auth",
    needs: /basic\s/i,
    pattern: /(?<![A-Za-z])(basic\s+)([A-Za-z0-9+/]{8,}={0,2})/gi,
    replace: (_match, [scheme, value]) =>
      decodesToPair(value!) ? scheme + placeholder("basic-auth") : undefined,
  },
  {
    kind: "basic-auth",
    needs: /\s-u[\s=]|--user/,
    pattern: /((?:\s-u|--user)[\s=]\s{0,3}["']?)([^\s:"']{1,64}:[^\s"']{1,128})/g,
    replace: (_match, [flag]) => flag + placeholder("basic-auth"),
  },
  {
    kind: "cookie",
    needs: /cookie/i,
    pattern:
      /((?:set-)?cookie2?\\{0,3}["']?\s{0,3}(?:[:=]|,(?=\s{0,3}["']))\s{0,3}\\{0,3}["']?)([\w.%-]{1,100}=[^\r\n"'\\]{1,4000})/gi,
    replace: (_match, [name]) => name + placeholder("cookie"),
  },
  {
    kind: "session",
    needs: /sb-/,
    pattern: /(?<![\w-])(sb-[a-z0-9-]{4,64}-auth-token(?:\.\d)?\s{0,2}[=:]\s{0,2})([^\s;,"'[\]]{4,})/g,
    replace: (_match, [name]) => name + placeholder("session"),
  },
  { kind: "password-hash", needs: /\$/, pattern: /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{20,53}/g },
  {
    kind: "password-hash",
    needs: /\$/,
    pattern: /\$(?:argon2(?:id?|d)|scrypt|pbkdf2[a-z0-9-]{0,12}|[156y])\$[^\s"';()]{16,}/g,
  },
  {
    kind: "password-hash",
    needs: /\$/,
    pattern: /SCRAM-SHA-256\$\d{3,6}:[^\s"',;()]{16,}/g,
  },
  {
    // OAuth codes and one-time links.
    kind: "code",
    needs: /[?&#][a-z_]+=/,
    pattern:
      /([?&#](?:code|key|ticket|otp|token_hash|confirmation_token|recovery_token|invite)=)([^\s&#"'<>]{12,})/g,
    replace: (_match, [name, value]) => looksRandom(value!) ? name + placeholder("code") : undefined,
  },
];

function redactUserInfo(userInfo: string): string {
  const colon = userInfo.indexOf(":");
  const password = colon < 0 ? "" : userInfo.slice(colon + 1);
  if (isPlaceholder(userInfo) || isVariable(password)) return userInfo;
  if (password !== "" || looksRandom(userInfo)) {
    return placeholder("credentials");
  }
  return userInfo;
}

/** `${PASSWORD}`, `<password>`, `***` and the like: a name or a mask, not the thing. */
function isVariable(value: string): boolean {
  return /^(?:\$\{?\w+\}?|%\w+%|\{\{?\w+\}?\}|\[[\w -]+\]|<[\w -]+>|\*+|x{3,}|\.{3}|…)$/i
    .test(value);
}

function redactAuthorization(name: string, scheme: string | undefined, value: string): string | undefined {
  if (isPlaceholder(value) || isVariable(value)) return undefined;
  const isSecret = HAS_DIGIT.test(value) || looksRandom(value) ||
    (scheme !== undefined && value.length >= 24) ||
    (scheme !== undefined && decodesToPair(value));
  return isSecret ? name + (scheme ?? "") + placeholder("authorization") : undefined;
}

function decodesToPair(value: string): boolean {
  try {
    return /^[\x20-\x7e]{0,200}:[\x20-\x7e]{0,200}$/.test(atob(value));
  } catch {
    return false;
  }
}
