/** Connection poolers: Supavisor sends nearly everything as XX000 with a word in brackets, PgBouncer as 08P01. @module */

import type { ClassifierRule } from "./rule.ts";

/** Tried before SQLSTATEs, because theirs say too little. */
export const POOLER_RULES: readonly ClassifierRule[] = [
  {
    key: "pooler.circuit_breaker",
    errorType: "auth_failed",
    pattern: /\(ECIRCUITBREAKER\)|circuit breaker open/i,
    note: "every further attempt with wrong credentials extends the block",
  },
  {
    key: "pooler.checkout_timeout",
    errorType: "connection_capacity",
    pattern: /\(ECHECKOUTTIMEOUT\)|unable to check out (?:a )?connection from the pool/i,
  },
  {
    key: "pooler.too_many_clients",
    errorType: "connection_capacity",
    pattern:
      /\((?:EMAXCONN|EMAXCLIENTS\w{0,20})\)|max clients? (?:connections )?reached|MaxClientsInSessionMode|no more connections allowed|query_wait_timeout/i,
  },
  {
    key: "pooler.ssl_required",
    errorType: "connection_config",
    pattern: /\(ESSLREQUIRED\)|SSL connection is required/i,
  },
  {
    key: "pooler.unknown_tenant",
    errorType: "connection_config",
    pattern: /\((?:ETENANTNOTFOUND|ENOTFOUND|ENOIDENTIFIER)\)|Tenant or user not found/i,
  },
  {
    key: "pooler.authentication",
    errorType: "auth_failed",
    pattern: /\((?:EAUTH\w{0,20}|EINVALIDCREDENTIALS)\)/,
  },
  {
    key: "pooler.shutdown",
    errorType: "server_unavailable",
    pattern: /\((?:EDBHANDLEREXITED|ESHUTDOWN|EDBSHUTDOWN)\)|server conn(?:ection)? crashed\?/i,
  },
];
