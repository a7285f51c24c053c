/** SHA-256 as text. @module */

// Loaded with the first hash: a function whose calls succeed needs none, and newer runtimes take a while to load it.
let hashing: Promise<typeof import("node:crypto")> | undefined;

/** The SHA-256 of a text, in hex. The platform's own digest goes through another thread, which costs an error more than its hash. */
export async function sha256(text: string): Promise<string> {
  const { createHash } = await (hashing ??= import("node:crypto"));
  return createHash("sha256").update(text).digest("hex");
}
