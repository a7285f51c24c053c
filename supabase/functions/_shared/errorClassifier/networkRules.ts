/**
 * The network: Deno 2.1 and 2.9, Node, undici, postgres drivers, browsers.
 *
 * The precise reason first; the general words that wrap it (`fetch failed`, `error sending request`) last.
 *
 * @module
 */

import type { ClassifierRule } from "./rule.ts";

/** The rules in their order. */
export const NETWORK_RULES: readonly ClassifierRule[] = [
  {
    key: "network.tls",
    errorType: "tls_error",
    pattern:
      /invalid peer certificate|self[- ]signed certificate|certificate (?:has expired|verify failed|is not valid)|unable to (?:verify the first|get local issuer) certificate|UNABLE_TO_VERIFY|CERT_HAS_EXPIRED|ERR_TLS|SSL routines|tls handshake|UnknownIssuer|NotValidForName/i,
    note: "somebody may stand in between: never switch verification off",
  },
  { key: "network.tls_status", errorType: "tls_error", statuses: [525, 526] },
  {
    key: "network.dns_again",
    errorType: "dns_failure",
    transient: true,
    pattern: /EAI_AGAIN|Temporary failure in name resolution/i,
  },
  {
    key: "network.dns",
    errorType: "dns_failure",
    pattern:
      /dns error|ENOTFOUND|getaddrinfo|failed to lookup address|Name or service not known|nodename nor servname|No address associated|could not translate host name/i,
  },
  {
    key: "network.redirects",
    errorType: "redirect_loop",
    pattern: /Maximum number of redirects|too many redirects|redirect count exceeded/i,
  },
  {
    key: "network.port",
    errorType: "port_blocked",
    pattern: /Requests to port \d{1,5} are blocked|bad port/i,
  },
  {
    key: "network.url",
    errorType: "invalid_url",
    pattern: /Invalid URL|Failed to parse URL|ERR_INVALID_URL|relative URL without a base/i,
  },
  {
    key: "network.refused",
    errorType: "connection_failed",
    pattern: /ECONNREFUSED|Connection refused|actively refused/i,
  },
  {
    key: "network.timeout",
    errorType: "timeout",
    category: "network",
    pattern:
      /ETIMEDOUT|CONNECT_TIMEOUT|UND_ERR_\w{0,20}TIMEOUT|Signal timed out|aborted due to timeout|deadline has elapsed|operation timed out|TIMED_OUT|connection timed out|timeout (?:exceeded|expired)|timeout of \d{1,9} ?ms exceeded|timed out/i,
    note: "the other side may have received and done it",
  },
  { key: "network.timeout_name", errorType: "timeout", category: "network", names: ["TimeoutError"] },
  {
    key: "network.unreachable",
    errorType: "network_unreachable",
    pattern:
      /ENETUNREACH|EHOSTUNREACH|Network is unreachable|No route to host|Cannot assign requested address/i,
  },
  {
    key: "network.reset",
    errorType: "connection_reset",
    pattern:
      /ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|Connection reset|Broken pipe|socket hang up|connection closed before message completed|server closed the connection|Connection terminated|CONNECTION_(?:CLOSED|ENDED|DESTROYED)|other side closed|unexpected (?:eof|end of file)|connection error: |closed the connection unexpectedly|error reading a body from connection|and is not queryable/i,
    note: "the outcome of a write is unknown",
  },
  { key: "network.aborted", errorType: "aborted", names: ["AbortError", "APIUserAbortError"] },
  {
    key: "network.aborted_text",
    errorType: "aborted",
    pattern: /operation was (?:aborted|canceled)|signal (?:is|has been) aborted|Request was aborted/i,
  },
  {
    key: "network.auth_client",
    errorType: "network",
    names: ["AuthRetryableFetchError"],
    when: ({ status }) => status !== 500,
  },
  {
    key: "network.general",
    errorType: "network",
    pattern:
      /fetch failed|Failed to fetch|NetworkError when attempting|^Load failed$|error sending request|^Connection error\.?$|Network request failed|^Network Error$|client error \(/im,
  },
];
