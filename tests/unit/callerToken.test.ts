import assert from "node:assert/strict";
import { signJwt } from "../../scripts/stack/jwt.ts";
import { identifyCaller, type TokenSettings } from "../../supabase/functions/_shared/callerToken.ts";
import { createTokenSigner } from "../helpers/signedTokens.ts";

const SECRET = "a-shared-secret-of-forty-eight-characters-or-so!";
const NOW = new Date("2026-11-29T12:00:00Z");
const seconds = Math.floor(NOW.getTime() / 1_000);
const person = { sub: "7b1a", role: "authenticated", exp: seconds + 3_600, app_metadata: { role: "user" } };

const nothing: TokenSettings = {
  url: undefined,
  publishableKey: undefined,
  secretKeys: [],
  jwks: undefined,
  jwtSecret: undefined,
};
const withSecret: TokenSettings = {
  ...nothing,
  publishableKey: "sb_publishable_abc",
  secretKeys: ["sb_secret_0123456789abcdef"],
  jwtSecret: SECRET,
};

function identify(token: string | undefined, settings: TokenSettings, headers: Record<string, string> = {}) {
  const authorization = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  return identifyCaller(new Headers({ ...headers, ...authorization }), settings, { now: NOW });
}

const refusal = (code: string) => (error: unknown) => (error as { code: string }).code === code;

Deno.test("identifyCaller() says anon for nobody and for the public key", async () => {
  for (const token of [undefined, "sb_publishable_abc"]) {
    assert.deepEqual(await identify(token, withSecret), { role: "anon", claims: { role: "anon" } });
  }
});

Deno.test("identifyCaller() knows a machine by a secret key on either header", async () => {
  const key = withSecret.secretKeys[0]!;
  assert.equal((await identify(key, withSecret)).role, "service_role");
  assert.equal((await identify(undefined, withSecret, { apikey: key })).role, "service_role");
});

Deno.test("identifyCaller() believes a token signed with the shared secret, from JWT_SECRET or from the key set", async () => {
  const token = await signJwt(person, SECRET);
  const keySet = JSON.stringify({
    keys: [{ kty: "oct", alg: "HS256", k: btoa(SECRET).replaceAll("=", "") }],
  });
  for (const settings of [withSecret, { ...nothing, jwks: keySet }]) {
    const { role, claims } = await identify(token, settings);
    assert.equal(role, "authenticated");
    assert.deepEqual(claims, person);
  }
});

Deno.test("identifyCaller() believes a token signed with a key of the set, and asks the project where there is no set", async () => {
  const signer = await createTokenSigner();
  const token = await signer.sign(person);
  const keySet = { keys: [signer.publicKey] };
  assert.equal((await identify(token, { ...nothing, jwks: JSON.stringify(keySet) })).claims.sub, "7b1a");

  const asked: string[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return Response.json(keySet);
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  assert.equal((await identify(token, { ...nothing, url })).role, "authenticated");
  assert.equal((await identify(token, { ...nothing, url })).role, "authenticated");
  assert.deepEqual(asked, ["/auth/v1/.well-known/jwks.json"], "the keys are asked for once");
});

Deno.test("identifyCaller() refuses what is not the project's: another key, another secret, no algorithm, a changed body", async () => {
  const [ours, theirs] = [await createTokenSigner(), await createTokenSigner()];
  const settings = { ...withSecret, jwks: JSON.stringify({ keys: [ours.publicKey] }) };
  const good = await ours.sign(person);
  const [head, , signature] = good.split(".");
  const forged = btoa(JSON.stringify({ ...person, role: "service_role" })).replaceAll("=", "");
  const unsigned = `${btoa(JSON.stringify({ alg: "none" })).replaceAll("=", "")}.${forged}.`;
  const tokens = [
    await theirs.sign(person),
    await signJwt(person, "another-shared-secret-of-enough-length!!"),
    unsigned,
    `${head}.${forged}.${signature}`,
    "not.a.token",
    "x",
    "sb_secret_of_another_project",
    `${"a".repeat(20_000)}.b.c`,
  ];
  for (const token of tokens) {
    await assert.rejects(identify(token, settings), refusal("UNAUTHORIZED"), token.slice(0, 40));
  }
});

Deno.test("identifyCaller() does not take a public key for a shared secret", async () => {
  const signer = await createTokenSigner();
  const publicText = JSON.stringify(signer.publicKey);
  const token = await signJwt(person, publicText);
  const settings = { ...nothing, jwks: JSON.stringify({ keys: [signer.publicKey] }) };
  await assert.rejects(identify(token, settings), refusal("CONFIG_MISSING"));
});

Deno.test("identifyCaller() refuses a token out of its time, without one, and of a role of its own", async () => {
  const { exp: _none, ...endless } = person;
  for (const claims of [{ ...person, exp: seconds - 31 }, { ...person, nbf: seconds + 31 }, endless]) {
    await assert.rejects(identify(await signJwt(claims, SECRET), withSecret), refusal("UNAUTHORIZED"));
  }
  assert.equal(
    (await identify(await signJwt({ ...person, exp: seconds - 29 }, SECRET), withSecret)).role,
    "authenticated",
  );
  for (const role of ["postgres", "supabase_admin", null, 7, ["anon"]]) {
    await assert.rejects(
      identify(await signJwt({ ...person, role }, SECRET), withSecret),
      refusal("FORBIDDEN"),
    );
  }
});

Deno.test("identifyCaller() says that it cannot check, instead of refusing, when keys are missing or cannot be read", async () => {
  const signer = await createTokenSigner();
  await assert.rejects(identify(await signJwt(person, SECRET), nothing), refusal("CONFIG_MISSING"));
  await assert.rejects(identify(await signer.sign(person), nothing), refusal("CONFIG_MISSING"));
  for (const jwks of ["", "{", "null", '{"keys":7}', '{"keys":[null,{"kty":"oct","k":"AAAA"}]}']) {
    await assert.rejects(
      identify(await signer.sign(person), { ...nothing, jwks }),
      refusal("CONFIG_MISSING"),
      jwks,
    );
  }
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("down", { status: 503 }),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  await assert.rejects(identify(await signer.sign(person), { ...nothing, url }), refusal("UNAVAILABLE"));
});
