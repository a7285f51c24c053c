/** Sign-in: the call that meets the answer in an application, with all that the library may ever do for a call. @module */

import { isHealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { createClient, type SupabaseClient } from "../../supabase/functions/_shared/supabaseClient.ts";
import { protectedRead } from "./protectedRead.ts";
import { answered, type Played, repeatsOf, type Scene, type Stage, WORDS } from "./restScene.ts";
import { startStandIn } from "./standIn.ts";

const PERSON = { email: "anna@example.com", password: "correct horse" };
const USER = { id: "00000000-0000-4000-8000-000000000001", email: PERSON.email, aud: "authenticated" };

const SESSION = {
  ...USER,
  user: USER,
  access_token: "a.b.c",
  refresh_token: "next",
  token_type: "bearer",
  expires_in: 3_600,
};

/** The scenes of signing in. */
export const AUTH_SCENES: readonly Scene[] = [{ fits: () => true, play }];

type AuthCall = (auth: SupabaseClient["auth"]) => Promise<{ error: unknown }>;

/** Which call it is that gets this answer. */
function callFor(code: string, message: string): AuthCall {
  if (/refresh_token|session_(?:expired|not_found)/.test(code) || /refresh token/i.test(message)) {
    return (auth) => auth.refreshSession({ refresh_token: "of-the-bench" });
  }
  if (
    /exists|signup|weak_password|email_address/.test(code) ||
    /saving new user|registered|creating/i.test(message)
  ) {
    return (auth) => auth.signUp(PERSON);
  }
  if (/otp|over_(?:email|sms)/.test(code)) return (auth) => auth.signInWithOtp({ email: PERSON.email });
  if (/bad_jwt|no_authorization|session|user_not_found/.test(code)) return (auth) => auth.getUser("a.b.c");
  return (auth) => auth.signInWithPassword(PERSON);
}

async function play(stage: Stage): Promise<Played> {
  const { code, message } = stage.answer;
  await using standIn = startStandIn(stage.row, { answer: () => Response.json(SESSION), words: WORDS });
  const { auth } = createClient(standIn.url, "sb_publishable_healbench", {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  });
  const call = callFor(code, message);
  try {
    // Said to be a read, so that nothing but the answer itself keeps it from being made again.
    await protectedRead(stage, () => call(auth));
    return answered(standIn, stage, {
      isRight: true,
      actions: ["retry"],
      reason: "the call was answered in the end",
    });
  } catch (error) {
    const cause = isHealingError(error) && error.cause !== undefined ? error.cause : error;
    return { kind: "refused", error: cause, harm: repeatsOf(stage, standIn) };
  }
}
