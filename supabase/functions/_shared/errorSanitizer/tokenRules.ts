/**
 * Keys and tokens that show by their form what they are, whatever stands around them.
 *
 * Publishable keys and object ids (`sb_publishable_`, `pk_live_`, `cus_`, `req_`) are no secrets and stay.
 *
 * @module
 */

import { looksLikeKeyBody, looksRandom } from "./randomness.ts";
import { placeholder, type RedactionRule } from "./rule.ts";

const START = "(?<![A-Za-z0-9])";

/** Services whose keys start with a name of their own. */
const SERVICE_PREFIXES = "lin_api|ntn|hf|gsk|r8|rnd|fal|phx|phc|tvly|napi|vcp|vck|vci|vcr|vca|" +
  "xai|pplx|csk|nvapi|PMAK|NRAK|NRII|fc|e2b|jina|co|cfut|fw|sgp";

function token(kind: string, body: string): RedactionRule {
  return { kind, pattern: new RegExp(START + body, "g") };
}

/** Rules for tokens with a known form; the first that fits wins. */
export const TOKEN_RULES: readonly RedactionRule[] = [
  token("session", "base64-eyJ[A-Za-z0-9+/=_-]{16,}"),
  token("mapbox-token", "[sp]k\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}"),
  token("jwt", "eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{4,}(?:\\.[A-Za-z0-9_-]*){0,3}"),
  token("jwt", "eyJ(?:hbGci|0eXAi|raWQi|lbmMi|jdHki|4NX)[A-Za-z0-9_-]*\\.?"),
  token("supabase-key", "sb_secret_[A-Za-z0-9_-]{6,}"),
  token("supabase-token", "sb[pv]_(?:oauth_|v0_)?[A-Fa-f0-9]{16,}"),
  token("anthropic-key", "sk-ant-[A-Za-z0-9_*-]{8,}"),
  {
    kind: "openai-key",
    pattern: new RegExp(`${START}(sk-(?:proj-|svcacct-|admin-|or-v1-|None-)?)([A-Za-z0-9_*-]{8,})`, "g"),
    replace: (_match, [, body]) =>
      body!.includes("**") || (body!.length >= 16 && looksLikeKeyBody(body!))
        ? placeholder("openai-key")
        : undefined,
  },
  token("stripe-key", "(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9_*]{6,}"),
  token("stripe-key", "whsec_[A-Za-z0-9+/=_-]{12,}"),
  token("stripe-client-secret", "(?:pi|seti|cs|src|sub)_[A-Za-z0-9]{6,64}_secret_[A-Za-z0-9]{6,}"),
  token("aws-key", "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
  token("github-token", "gh[pousr]_[A-Za-z0-9_]{16,}"),
  token("github-token", "github_pat_[A-Za-z0-9_]{16,}"),
  token("gitlab-token", "gl(?:pat|dt|rt|cbt|ptt|ft|agent|oas|soat)-[A-Za-z0-9_.-]{16,}"),
  token("slack-token", "xox[abcdeoprs](?:\\.xox[bp])?-[A-Za-z0-9-]{8,}"),
  token("slack-token", "xapp-[A-Za-z0-9-]{16,}"),
  token("google-key", "AIza[A-Za-z0-9_-]{30,}"),
  token("google-token", "ya29\\.[A-Za-z0-9_.-]{16,}"),
  token("google-token", "1//0[A-Za-z0-9_-]{24,}"),
  token("google-secret", "GOCSPX-[A-Za-z0-9_-]{16,}"),
  token("npm-token", "npm_[A-Za-z0-9]{30,}"),
  token("pypi-token", "pypi-[A-Za-z0-9_-]{32,}"),
  token("sendgrid-key", "SG\\.[A-Za-z0-9_-]{12,}\\.[A-Za-z0-9_-]{12,}"),
  token("twilio-key", "SK[0-9a-f]{32}(?![A-Za-z0-9])"),
  token("mailgun-key", "key-[0-9a-f]{32}(?![A-Za-z0-9])"),
  token("telegram-token", "\\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])"),
  token("discord-token", "[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,40}"),
  token("shopify-token", "shp(?:at|ss|ca|pa|ua)_[A-Fa-f0-9]{24,}"),
  token("square-token", "sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{20,}"),
  token("vault-token", "hv[sbr]\\.[A-Za-z0-9_-]{20,}"),
  token("age-key", "AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
  token("atlassian-token", "ATATT3[A-Za-z0-9_=-]{40,}"),
  token("airtable-token", "pat[A-Za-z0-9]{14}\\.[a-f0-9]{40,}"),
  token("doppler-token", "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{20,}"),
  token("api-key", "(?:sntr[ys]s?|glsa|glc|pscale_tkn|pscale_pw|pscale_oauth)_[A-Za-z0-9_.=+/-]{20,}"),
  token("api-key", "(?:dop|doo|dor)_v1_[a-f0-9]{32,}"),
  {
    kind: "api-key",
    pattern: new RegExp(`${START}(?:${SERVICE_PREFIXES})[-_]([A-Za-z0-9_-]{20,200})(?![A-Za-z0-9_-])`, "g"),
    replace: (_match, [body]) => looksLikeKeyBody(body!) ? placeholder("api-key") : undefined,
  },
  token("api-key", "dapi[0-9a-f]{32}(?![A-Za-z0-9])"),
  {
    kind: "api-key",
    pattern: new RegExp(`${START}(?:re|secret|key|tok|token)_([A-Za-z0-9_]{20,80})(?![A-Za-z0-9_])`, "g"),
    replace: (_match, [body]) =>
      looksRandom(body!) && looksLikeKeyBody(body!) ? placeholder("api-key") : undefined,
  },
  {
    kind: "aws-secret",
    // Forty base64 characters, not a commit hash and not a path.
    pattern: /(?<![A-Za-z0-9/+=_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])/g,
    replace: (match) =>
      /[A-Z]/.test(match) && /[a-z]/.test(match) && /\d/.test(match) &&
        !/[a-z]{7}/.test(match)
        ? placeholder("aws-secret")
        : undefined,
  },
];
