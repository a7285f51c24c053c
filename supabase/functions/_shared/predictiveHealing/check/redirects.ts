/** Whether an address is on the list of those that sign-in may lead back to. @module */

import type { Answer, CheckOptions } from "../check.ts";
import type { Need } from "../need.ts";

/** Looks an address up; `<origin>` in it stands for the page's own, whatever that is. */
export function checkRedirect({ subject }: Need, { redirectUrls }: CheckOptions): Answer {
  if (subject.kind !== "redirect_url" || redirectUrls === undefined) {
    return { there: null, evidence: "the list of redirect URLs was not given" };
  }
  const match = redirectUrls.find((allowed) => allows(allowed, subject.url));
  return match === undefined
    ? { there: false, evidence: "it is not on the list of redirect URLs" }
    : { there: true, evidence: `the list has ${match}` };
}

function allows(allowed: string, url: string): boolean {
  if (!url.startsWith("<origin>")) return matches(allowed, url);
  const [, origin] = /^([a-z][a-z0-9+.-]*:\/\/[^/]+)/i.exec(allowed) ?? [];
  if (origin === undefined) return matches(allowed, url);
  return matches(allowed, origin + url.slice("<origin>".length));
}

/** `*` stands for anything without a separator, `**` for anything. */
function matches(allowed: string, url: string): boolean {
  const plain = (text: string) => text.replace(/\/+$/, "");
  const pattern = plain(allowed).split(/(\*\*|\*)/).map((piece) =>
    piece === "**" ? ".*" : piece === "*" ? "[^./]*" : piece.replace(/[\\^$.+?()[\]{}|]/g, "\\$&")
  ).join("");
  return new RegExp(`^${pattern}$`).test(plain(url));
}
