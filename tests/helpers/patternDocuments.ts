/** Documents of shared patterns as an issuer, or an enemy who holds a key, would write them. @module */

import type { Json } from "../../supabase/functions/_shared/core/ports.ts";
import type { PatternKey } from "../../supabase/functions/_shared/patternSharing.ts";

/** What stands in a document, before it is signed. */
export type DocumentDraft = Record<string, Json>;

/** A draft that an importer takes; what a test does not care about is filled in. */
export function documentDraft(key: PatternKey, changes: DocumentDraft = {}): DocumentDraft {
  const now = Date.now();
  return {
    format: "self-healing-patterns",
    version: 1,
    issuer_key: key.publicKey,
    document_id: crypto.randomUUID(),
    issued_at: new Date(now).toISOString(),
    expires_at: new Date(now + 86_400_000).toISOString(),
    patterns: [sharedPattern()],
    ...changes,
  };
}

/** A pattern as it may be shared. */
export function sharedPattern(changes: DocumentDraft = {}): DocumentDraft {
  return {
    error_signature: "3F000: schema $1 does not exist",
    fix_strategy: { kind: "create_schema", schema: "$1" },
    category: "database",
    ...changes,
  };
}

/** Signs a draft by an own implementation of the canonical form, so that the library's cannot excuse itself. */
export async function signDraft(draft: DocumentDraft, key: PatternKey): Promise<string> {
  const bytes = Uint8Array.from(
    atob(key.privateKey.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
  const signer = await crypto.subtle.importKey("pkcs8", bytes, "Ed25519", false, ["sign"]);
  const text = JSON.stringify(sorted(draft));
  const signature = await crypto.subtle.sign("Ed25519", signer, new TextEncoder().encode(text));
  const encoded = btoa(String.fromCharCode(...new Uint8Array(signature)));
  const urlSafe = encoded.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return JSON.stringify({ ...draft, signature: urlSafe });
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name]!)]));
}
