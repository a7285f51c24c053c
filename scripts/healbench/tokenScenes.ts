/** Calls whose token is no token, has run out, or was left out. @module */

import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import { createClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { initializeEnterpriseInfrastructure } from "../../supabase/functions/_shared/universalIntegrationHelper.ts";
import { healingClient, KEY, notShown, readWith, ROW } from "./protectedRead.ts";
import { answered, type Played, type Scene, type Stage, WORDS } from "./restScene.ts";
import { type StandInOptions, type StandInRequest, startStandIn } from "./standIn.ts";

/** The scenes of tokens. */
export const TOKEN_SCENES: readonly Scene[] = [
  { fits: ({ code, message }) => code === "PGRST301" && /parts in JWT/i.test(message), play: playKeyAsToken },
  { fits: ({ code, message }) => /^PGRST30[13]$/.test(code) && /expired/i.test(message), play: playExpired },
  { fits: ({ code }) => code === "PGRST302", play: playWithoutToken },
];

async function playKeyAsToken(stage: Stage): Promise<Played> {
  const defect = ({ headers }: StandInRequest) => {
    const token = /^Bearer (.*)$/.exec(headers.get("authorization") ?? "")?.[1];
    return token !== undefined && token.split(".").length !== 3;
  };
  await using standIn = startStandIn(stage.row, { defect, answer: () => Response.json([ROW]), words: WORDS });
  const { client, mended } = healingClient(standIn, { headers: { authorization: `Bearer ${KEY}` } });
  return await readWith(stage, standIn, mended, () => client.from("items").select());
}

async function playExpired(stage: Stage): Promise<Played> {
  const defect = ({ headers }: StandInRequest) => headers.get("authorization") === "Bearer old.old.old";
  await using standIn = startStandIn(stage.row, { defect, answer: () => Response.json([ROW]), words: WORDS });
  const { client, mended } = healingClient(standIn, {
    headers: { authorization: "Bearer old.old.old" },
    refreshToken: () => Promise.resolve("new.new.new"),
  });
  return await readWith(stage, standIn, mended, () => client.from("items").select());
}

/** The caller has a token, and the author's own client leaves it out; ours hands it on. */
async function playWithoutToken(stage: Stage): Promise<Played> {
  const isWithout = ({ headers }: StandInRequest) =>
    (headers.get("authorization") ?? `Bearer ${KEY}`) === `Bearer ${KEY}`;
  const options: StandInOptions = { defect: isWithout, answer: () => Response.json([ROW]), words: WORDS };
  await using bare = startStandIn(stage.row, options);
  const { error } = await createClient(bare.url, KEY).from("items").select();
  if (error === null) return notShown();
  await using standIn = startStandIn(stage.row, options);
  const request = new Request("http://bench/healbench", { headers: { authorization: "Bearer a.person.s" } });
  const env: Record<string, string> = { SUPABASE_URL: standIn.url, SUPABASE_ANON_KEY: KEY };
  const { supabase } = await initializeEnterpriseInfrastructure(request, {
    settings: readSettings({ get: (name) => env[name] }),
    functionName: `healbench ${standIn.url}`,
  });
  const client = await supabase();
  const { data } = await client.from("items").select();
  return answered(standIn, stage, {
    isRight: JSON.stringify(data) === JSON.stringify([ROW]),
    actions: ["the caller's own token goes along"],
    reason: "a client without the caller's token is refused; the request's own client hands it on",
  });
}
