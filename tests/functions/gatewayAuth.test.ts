import assert from "node:assert/strict";
import { SEEDED_USERS } from "../../scripts/stack/platform.ts";
import { GATEWAY_URL, openGateway } from "../helpers/gateway.ts";

const stack = await openGateway(`
create function public.is_admin() returns boolean stable language sql as
  $$ select coalesce(((select auth.jwt()) -> 'app_metadata' ->> 'role') = 'admin', false) $$;
grant execute on function public.is_admin() to anon, authenticated;
`);
Deno.test.afterAll(() => stack.close());
const { admin, plain } = SEEDED_USERS;

async function post(
  path: string,
  body: unknown,
  version?: string,
): Promise<{ status: number; body: unknown }> {
  const answer = await stack.send(`/auth/v1/${path}`, {
    method: "POST",
    headers: {
      apikey: stack.keys.publishable,
      ...(version === undefined ? {} : { "x-supabase-api-version": version }),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

Deno.test("auth signs the seeded users in, and the database sees who is an admin", async () => {
  for (const [user, isAdmin] of [[admin, true], [plain, false]] as const) {
    const client = stack.client(stack.keys.publishable);
    const { data, error } = await client.auth.signInWithPassword(user);
    assert.equal(error, null);
    assert.equal(data.user?.id, user.id);
    assert.equal(data.session?.expires_in, 3_600);
    assert.equal((await client.rpc("is_admin")).data, isAdmin);
    assert.equal((await client.auth.getUser()).data.user?.email, user.email);
    assert.equal((await client.auth.getClaims()).data?.claims.sub, user.id);
  }
});

Deno.test("auth refuses a wrong password and an unknown user with the same words", async () => {
  const attempts = [{ ...admin, password: "wrong" }, { email: "nobody@example.com", password: "x" }];
  for (const attempt of attempts) {
    const { error } = await stack.client(stack.keys.publishable).auth.signInWithPassword(attempt);
    assert.deepEqual([error?.status, error?.code, error?.message], [
      400,
      "invalid_credentials",
      "Invalid login credentials",
    ]);
  }
});

Deno.test("auth words an error by the version of its API that was asked for", async () => {
  const wrong = { email: admin.email, password: "wrong" };
  assert.deepEqual((await post("token?grant_type=password", wrong)).body, {
    code: 400,
    error_code: "invalid_credentials",
    msg: "Invalid login credentials",
  });
  assert.deepEqual((await post("token?grant_type=password", wrong, "2024-01-01")).body, {
    code: "invalid_credentials",
    message: "Invalid login credentials",
  });
});

Deno.test("auth exchanges a refresh token once", async () => {
  const client = stack.client(stack.keys.publishable);
  const { data: { session } } = await client.auth.signInWithPassword(plain);
  const first = await client.auth.refreshSession();
  assert.equal(first.error, null);
  assert.notEqual(first.data.session?.refresh_token, session?.refresh_token);
  const again = await client.auth.refreshSession({ refresh_token: session!.refresh_token });
  assert.equal(again.error?.code, "refresh_token_not_found");
});

Deno.test("auth gives a refresh token to only one of two exchanges at once", async () => {
  const { data: { session } } = await stack.client(stack.keys.publishable).auth.signInWithPassword(plain);
  const body = { refresh_token: session!.refresh_token };
  const answers = await Promise.all([1, 2, 3, 4].map(() => post("token?grant_type=refresh_token", body)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400, 400]);
});

Deno.test("auth signs out, and the session's token is refused from then on", async () => {
  const client = stack.client(stack.keys.publishable);
  const { data: { session } } = await client.auth.signInWithPassword(plain);
  assert.equal((await client.auth.signOut()).error, null);
  const { error } = await stack.client(stack.keys.publishable).auth.getUser(session!.access_token);
  assert.equal(error?.name, "AuthSessionMissingError");
});

Deno.test("auth ends one session, or the others, as asked", async () => {
  const [one, other] = [stack.client(stack.keys.publishable), stack.client(stack.keys.publishable)];
  await one.auth.signInWithPassword(plain);
  await other.auth.signInWithPassword(plain);
  await one.auth.signOut({ scope: "others" });
  assert.equal((await other.auth.refreshSession()).error?.code, "refresh_token_not_found");
  assert.equal((await one.auth.refreshSession()).error, null);
  await one.auth.signOut({ scope: "local" });
});

Deno.test("auth reads no user from a token that is missing, forged or about nobody", async () => {
  async function userWith(headers: Record<string, string>): Promise<[number, string]> {
    const answer = await stack.send("/auth/v1/user", {
      headers: { apikey: stack.keys.publishable, ...headers },
    });
    return [answer.status, (await answer.json()).error_code];
  }
  assert.deepEqual(await userWith({}), [401, "no_authorization"]);
  assert.deepEqual(await userWith({ authorization: "Bearer x.y.z" }), [403, "bad_jwt"]);
  const nobody = await stack.token({ sub: "00000000-0000-4000-8000-00000000dead", role: "authenticated" });
  assert.deepEqual(await userWith({ authorization: `Bearer ${nobody}` }), [403, "user_not_found"]);
  const bare = await stack.token({ role: "authenticated" });
  assert.deepEqual(await userWith({ authorization: `Bearer ${bare}` }), [403, "bad_jwt"]);
  const odd = await stack.token({ sub: "' or true --", role: "authenticated" });
  assert.deepEqual(await userWith({ authorization: `Bearer ${odd}` }), [403, "user_not_found"]);
});

Deno.test("auth refuses what it cannot read with a code", async () => {
  assert.deepEqual((await post("token?grant_type=password", "{")).status, 400);
  for (const body of [[], 7, null, {}, { email: 1, password: 2 }, { email: "a\0", password: "b" }]) {
    assert.equal((await post("token?grant_type=password", body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await post("token?grant_type=magic", {})).status, 400);
  assert.equal((await post("signup", { email: "a@b.c", password: "x" })).status, 404);
  const get = await stack.send("/auth/v1/token");
  assert.equal(get.status, 405);
  await get.body?.cancel();
});

Deno.test("auth wants a key like every door", async () => {
  const answer = await stack.gateway(
    new Request(`${GATEWAY_URL}/auth/v1/token?grant_type=password`, { method: "POST", body: "{}" }),
  );
  assert.equal(answer.status, 401);
  await answer.body?.cancel();
});
