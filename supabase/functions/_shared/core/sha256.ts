/** SHA-256 as text. @module */

import { createHash } from "node:crypto";

/** The SHA-256 of a text, in hex. The platform's own digest goes through another thread, which costs an error more than its hash. */
export function sha256(text: string): Promise<string> {
  return Promise.resolve(createHash("sha256").update(text).digest("hex"));
}
