/** A key of the newer kind was sent as a token, which it is none: it belongs into `apikey` alone. @module */

import type { Mend } from "./mend.ts";
import { bearerOf } from "./bearer.ts";

const KEY = /^sb_(?:publishable|secret)_/;

/** The mend `key_as_token`: the same key, in its own place; never another one. */
export const keyAsToken: Mend = {
  key: "key_as_token",
  fits({ status, code, headers }) {
    const bearer = bearerOf(headers) ?? "";
    return status === 401 && code === "PGRST301" && KEY.test(bearer) &&
      (headers.get("apikey") ?? bearer) === bearer;
  },
  async mend(failed, { send }) {
    const headers = new Headers(failed.headers);
    headers.set("apikey", bearerOf(failed.headers)!);
    headers.delete("authorization");
    return await failed.again(send, { headers });
  },
};
