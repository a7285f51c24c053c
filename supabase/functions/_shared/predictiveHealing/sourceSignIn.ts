/** Where signing in leads back to, and over which providers. @module */

import type { Place } from "./need.ts";
import type { FunctionCalls } from "./sourceCalls.ts";
import {
  argument,
  children,
  type Constants,
  pathOf,
  propertiesOf,
  quasisOf,
  textOf,
  type TreeNode,
} from "./syntaxTree.ts";

/** What is read, and with which constants. */
export interface SignInReading {
  calls: Pick<FunctionCalls, "providers" | "redirects">;
  constants: Constants;
}

const SIGN_IN = new Set([
  "signInWithOAuth",
  "signInWithOtp",
  "signUp",
  "resetPasswordForEmail",
  "linkIdentity",
]);

/** Reads a call of the client's `auth`. */
export function readSignIn(call: TreeNode, method: string, place: Place, reading: SignInReading): void {
  if (!SIGN_IN.has(method)) return;
  const given = [propertiesOf(argument(call, 0)), propertiesOf(argument(call, 1))];
  const provider = textOf(given[0]?.get("provider") ?? null, reading.constants);
  if (provider !== null) reading.calls.providers.push({ name: provider, place });
  const nested = given.map((one) => propertiesOf(one?.get("options") ?? null));
  for (const options of [...given, ...nested]) {
    for (const key of ["redirectTo", "emailRedirectTo"]) {
      const url = urlOf(options?.get(key) ?? null, reading.constants);
      if (url !== null) reading.calls.redirects.push({ name: url, place });
    }
  }
}

/** A URL, with `<origin>` where the page's own address is put in. */
function urlOf(node: TreeNode | null, constants: Constants): string | null {
  const text = textOf(node, constants);
  if (text !== null) return text;
  if (pathOf(node).at(-1) === "origin") return "<origin>";
  if (node?.type !== "TemplateLiteral") return null;
  const [first, second = ""] = quasisOf(node);
  const [expression, ...others] = children(node, "expressions");
  return first === "" && others.length === 0 && /origin|site|url/i.test(pathOf(expression!).at(-1) ?? "")
    ? `<origin>${second}`
    : null;
}
