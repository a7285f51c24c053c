import assert from "node:assert/strict";
import { GATEWAY_URL, openGateway } from "../helpers/gateway.ts";

const SCHEMA = `
create function public.whoami() returns text stable language sql as 'select current_user::text';
grant execute on function public.whoami() to anon, authenticated, service_role;
`;

const stack = await openGateway(SCHEMA);
Deno.test.afterAll(() => stack.close());
const { keys } = stack;
const USER = { sub: "00000000-0000-4000-8000-000000000002", role: "authenticated" };

interface Answer {
  status: number;
  body: unknown;
  challenge: string | null;
}

async function ask(headers: Record<string, string>, query = ""): Promise<Answer> {
  const answer = await stack.send(`/rest/v1/rpc/whoami${query}`, { method: "POST", headers });
  return {
    status: answer.status,
    body: await answer.json(),
    challenge: answer.headers.get("www-authenticate"),
  };
}

async function roleOf(headers: Record<string, string>, query = ""): Promise<unknown> {
  const { status, body } = await ask(headers, query);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

Deno.test("gateway takes the role of an opaque key on apikey, alone or repeated as a token", async () => {
  assert.equal(await roleOf({ apikey: keys.publishable }), "anon");
  assert.equal(await roleOf({ apikey: keys.secret }), "service_role");
  assert.equal(
    await roleOf({ apikey: keys.publishable, authorization: `Bearer ${keys.publishable}` }),
    "anon",
  );
  assert.equal(await roleOf({ apikey: keys.secret, authorization: `Bearer ${keys.secret}` }), "service_role");
  assert.equal(await roleOf({}, `?apikey=${keys.publishable}`), "anon");
});

Deno.test("gateway does not let an opaque key on authorization raise the role", async () => {
  assert.equal(await roleOf({ apikey: keys.publishable, authorization: `Bearer ${keys.secret}` }), "anon");
});

Deno.test("gateway takes legacy keys, and a legacy key on authorization decides", async () => {
  assert.equal(await roleOf({ apikey: keys.anonJwt }), "anon");
  assert.equal(await roleOf({ apikey: keys.serviceRoleJwt }), "service_role");
  assert.equal(
    await roleOf({ apikey: keys.publishable, authorization: `Bearer ${keys.serviceRoleJwt}` }),
    "service_role",
  );
});

Deno.test("gateway takes the role of a user's token whatever key comes with it", async () => {
  const authorization = `Bearer ${await stack.token(USER)}`;
  assert.equal(await roleOf({ apikey: keys.publishable, authorization }), "authenticated");
  assert.equal(await roleOf({ apikey: keys.secret, authorization }), "authenticated");
  assert.equal(
    await roleOf({ apikey: keys.publishable, authorization: `Bearer ${await stack.token({})}` }),
    "anon",
  );
});

Deno.test("gateway wants a key, and one that it knows", async () => {
  const authorization = `Bearer ${await stack.token(USER)}`;
  const missing = await ask({ authorization });
  assert.deepEqual([missing.status, missing.body], [401, {
    message: "No API key found in request",
    hint: "No `apikey` request header or url param was found.",
  }]);
  for (const apikey of ["", "sb_secret_guess", keys.secret.slice(0, -1), await stack.token(USER)]) {
    assert.equal((await ask({ apikey, authorization })).status, 401, apikey);
  }
  const unknown = await ask({ apikey: "sb_secret_guess" });
  assert.deepEqual((unknown.body as { message: string }).message, "Invalid API key");
});

Deno.test("gateway refuses a secret key in a browser", async () => {
  const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
  assert.equal((await ask({ apikey: keys.secret, ...browser })).status, 401);
  assert.equal(await roleOf({ apikey: keys.publishable, ...browser }), "anon");
});

Deno.test("gateway refuses bad tokens with PostgREST's codes and a challenge", async () => {
  const [head, , signature] = (await stack.token(USER)).split(".");
  const raised = btoa(JSON.stringify({ role: "service_role" })).replaceAll("=", "");
  const none = `${btoa('{"alg":"none"}').replaceAll("=", "")}.${raised}.`;
  const expired = await stack.token({ ...USER, exp: 1 });
  const cases: [token: string, code: string, message: string][] = [
    ["nonsense", "PGRST301", "Expected 3 parts in JWT; got 1"],
    [none, "PGRST301", "Wrong or unsupported encoding algorithm"],
    [`${head}.${raised}.${signature}`, "PGRST301", "No suitable key or wrong key type"],
    [expired, "PGRST303", "JWT expired"],
  ];
  for (const [token, code, message] of cases) {
    const { status, body, challenge } = await ask({
      apikey: keys.publishable,
      authorization: `Bearer ${token}`,
    });
    assert.equal(status, 401);
    assert.deepEqual([(body as { code: string }).code, (body as { message: string }).message], [
      code,
      message,
    ]);
    assert.equal(challenge, `Bearer error="invalid_token", error_description="${message}"`);
  }
});

Deno.test("gateway lets a token become only a role that requests may have", async () => {
  const cases: [role: unknown, status: number][] = [["postgres", 403], ["supabase_admin", 403], [
    "nobody",
    401,
  ], [
    7,
    401,
  ], ["anon; drop table x", 401]];
  for (const [role, status] of cases) {
    const authorization = `Bearer ${await stack.token({ role })}`;
    const answer = await ask({ apikey: keys.publishable, authorization });
    assert.equal(answer.status, status, `${role}: ${JSON.stringify(answer.body)}`);
  }
});

Deno.test("gateway answers a browser's preflight without a key, and lets it read the answers", async () => {
  const preflight = await stack.gateway(
    new Request(`${GATEWAY_URL}/rest/v1/rpc/whoami`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:5173", "access-control-request-method": "POST" },
    }),
  );
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  assert.match(
    preflight.headers.get("access-control-allow-headers") ?? "",
    /authorization.*apikey.*content-type/,
  );
  for (const headers of [{ apikey: keys.publishable }, {}]) {
    const answer = await stack.send("/rest/v1/rpc/whoami", { method: "POST", headers });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    await answer.body?.cancel();
  }
});
