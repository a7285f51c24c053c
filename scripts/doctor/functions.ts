/** Whether every edge function is deployed, starts, and asks who is calling. @module */

import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { broken, type Examination, type Finding, unknown, well } from "./examination.ts";

const LIMIT_MS = 15_000;

/** Calls every function without a key, as a stranger would. */
export const functions: Examination = {
  name: "Functions",
  look: async ({ apiUrl, reference, progress }) => {
    if (apiUrl === undefined) {
      return [unknown("where the functions answer is not known", "Say it with --url, or set SUPABASE_URL.")];
    }
    const findings: Finding[] = [];
    for (const { name } of reference.functions) {
      progress(`asking ${name}`);
      findings.push(...await knock(apiUrl, name));
    }
    return findings.length > 0
      ? findings
      : [well(`all ${reference.functions.length} answer, and refuse a stranger`)];
  },
};

async function knock(apiUrl: string, name: string): Promise<Finding[]> {
  const deploy = `npx supabase functions deploy ${name}`;
  let answer: Response;
  try {
    answer = await fetch(`${apiUrl}/functions/v1/${name}`, {
      method: "POST",
      body: "{}",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch (error) {
    return [broken(`${name}: no answer: ${messageOf(error)}`, "Check the address, and the network.")];
  }
  const body = (await answer.text()).slice(0, 2_000);
  if (answer.status === 404) return [broken(`${name} is not deployed`, deploy)];
  if (answer.status === 401 && isOurs(body)) return [];
  if (answer.status === 401) {
    return [
      broken(
        `${name}: the gateway asks for a token before the function, so that no schedule reaches it`,
        `Copy [functions.${name}] of config.toml into yours, then ${deploy}`,
      ),
    ];
  }
  if (answer.ok) {
    return [broken(`${name} let a stranger in`, `Another function has this name. Deploy ours: ${deploy}`)];
  }
  return [
    broken(
      `${name} answers ${answer.status}: ${body.slice(0, 200)}`,
      "Read its log in the project's dashboard.",
    ),
  ];
}

/** Our refusals have a request id; the gateway's have not. */
function isOurs(body: string): boolean {
  try {
    return typeof JSON.parse(body).requestId === "string";
  } catch {
    return false;
  }
}
