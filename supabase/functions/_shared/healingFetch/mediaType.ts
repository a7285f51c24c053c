/** A read asks for a form of answer that the server does not give, and its caller reads JSON anyway. @module */

import type { Mend } from "./mend.ts";

/** Whoever asks for one of these reads a text, a file or exactly one row: JSON of all rows would be another answer. */
const READ_OTHERWISE = /\btext\/|vnd\.pgrst|octet-stream|geo\+json|\bxml\b|\bimage\/|\bpdf\b/i;

/** The mend `media_type`. */
export const mediaType: Mend = {
  key: "media_type",
  fits({ method, code, headers }) {
    const accepted = headers.get("accept") ?? "";
    return code === "PGRST107" && (method === "GET" || method === "HEAD") && accepted !== "" &&
      !/application\/json\b/i.test(accepted) && !READ_OTHERWISE.test(accepted);
  },
  async mend(failed, { send }) {
    const headers = new Headers(failed.headers);
    headers.set("accept", "application/json");
    return await failed.again(send, { headers });
  },
};
