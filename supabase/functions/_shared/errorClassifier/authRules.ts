/** Supabase Auth, API keys at the gateway, signatures of webhooks. @module */

import type { ClassifierRule } from "./rule.ts";

/** The rules in their order. */
export const AUTH_RULES: readonly ClassifierRule[] = [
  {
    // auth-js hands this on as AuthRetryableFetchError with status 500, but a trigger or a lost grant causes it.
    key: "auth.database_error",
    errorType: "auth_database_error",
    pattern:
      /Database error (?:saving new user|querying schema|updating user|creating new user|finding user|granting user|deleting user|loading user|checking email|creating [a-z ]{1,40})/i,
    note: "read the log of the database: a trigger on auth.users, a lost grant or a null column is behind it",
  },
  {
    // Counted by the hour: nothing passes while a request waits, and each further mail counts.
    key: "auth.send_limit",
    errorType: "rate_limited",
    category: "auth",
    transient: false,
    retryable: false,
    codes: ["over_email_send_rate_limit", "over_sms_send_rate_limit"],
  },
  { key: "auth.rate_limit", errorType: "rate_limited", category: "auth", codes: ["over_request_rate_limit"] },
  {
    key: "auth.send_limit_text",
    errorType: "rate_limited",
    category: "auth",
    transient: false,
    retryable: false,
    pattern: /email rate limit exceeded/i,
  },
  {
    key: "auth.rate_limit_text",
    errorType: "rate_limited",
    category: "auth",
    pattern: /you can only request this (?:after|once every) \d{1,6} seconds/i,
  },
  {
    key: "auth.hook_timeout",
    errorType: "timeout",
    category: "auth",
    codes: ["hook_timeout", "hook_timeout_after_retry", "request_timeout"],
  },
  {
    key: "auth.user_exists",
    errorType: "user_exists",
    codes: ["user_already_exists", "email_exists", "phone_exists", "identity_already_exists"],
  },
  { key: "auth.user_exists_text", errorType: "user_exists", pattern: /User already registered/ },
  {
    key: "auth.expired",
    errorType: "token_expired",
    codes: [
      "otp_expired",
      "session_expired",
      "flow_state_expired",
      "refresh_token_already_used",
      "refresh_token_not_found",
      "session_not_found",
    ],
  },
  {
    key: "auth.credentials",
    errorType: "auth_failed",
    codes: [
      "invalid_credentials",
      "bad_jwt",
      "no_authorization",
      "invalid_jwt",
      "user_banned",
      "captcha_failed",
      "mfa_verification_failed",
      "reauthentication_not_valid",
      "bad_code_verifier",
    ],
  },
  {
    key: "auth.refused",
    errorType: "auth_refused",
    codes: [
      ...[
        "signup_disabled",
        "email_not_confirmed",
        "phone_not_confirmed",
        "provider_disabled",
        "email_provider_disabled",
      ],
      ...[
        "phone_provider_disabled",
        "anonymous_provider_disabled",
        "not_admin",
        "insufficient_aal",
        "otp_disabled",
      ],
      ...[
        "email_address_not_authorized",
        "email_address_invalid",
        "weak_password",
        "same_password",
        "manual_linking_disabled",
      ],
      ...["provider_email_needs_verification", "user_sso_managed", "reauthentication_needed"],
    ],
  },
  {
    key: "auth.user_not_found",
    errorType: "not_found",
    category: "auth",
    codes: [
      "user_not_found",
      "identity_not_found",
      "invite_not_found",
      "flow_state_not_found",
      "mfa_factor_not_found",
    ],
  },
  {
    key: "auth.validation",
    errorType: "invalid_request",
    category: "auth",
    codes: ["validation_failed", "bad_json"],
  },
  { key: "auth.unexpected", errorType: "server_error", category: "auth", codes: ["unexpected_failure"] },
  {
    key: "auth.webhook_signature",
    errorType: "signature_invalid",
    pattern:
      /No signatures found matching|signature verification failed|invalid (?:webhook )?signature|signature (?:does not match|mismatch)/i,
  },
  {
    key: "auth.jwt_expired",
    errorType: "token_expired",
    pattern: /\b(?:jwt|token|session) (?:is |has )?expired|error="invalid_token"|Token has expired/i,
  },
  {
    key: "auth.refresh_token",
    errorType: "token_expired",
    pattern: /Invalid Refresh Token|Refresh Token Not Found|Session from session_id claim/i,
  },
  {
    key: "auth.login",
    errorType: "auth_failed",
    pattern:
      /Invalid login credentials|Invalid (?:API key|JWT)\b|invalid signature|JWS(?:Error| )|JWT (?:could not be decoded|cryptographic)|Expected 3 parts in JWT/i,
  },
  {
    key: "auth.refused_text",
    errorType: "auth_refused",
    pattern: /Email not confirmed|Signups not allowed/i,
  },
  {
    key: "auth.session_missing",
    errorType: "auth_failed",
    pattern: /Auth session missing|Invalid access token|missing authorization header|No API key found/i,
  },
  {
    key: "auth.other_refusal",
    errorType: "auth_refused",
    names: ["AuthApiError", "AuthError"],
    when: ({ status = 0 }) => status >= 400 && status < 500 && status !== 429,
  },
  {
    key: "auth.other_fault",
    errorType: "server_error",
    category: "auth",
    names: ["AuthApiError", "AuthError", "AuthUnknownError"],
    when: ({ status = 0 }) => status >= 500,
  },
];
