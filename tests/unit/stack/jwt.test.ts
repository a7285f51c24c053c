import assert from "node:assert/strict";
import { type JwtRefusal, signJwt, verifyJwt } from "../../../scripts/stack/jwt.ts";

const SECRET = "a-secret-of-at-least-thirty-two-characters";
const NOW = Date.parse("2026-11-21T12:00:00Z");
const NOW_SECONDS = NOW / 1_000;

function encode(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function refusalOf(token: string, secret = SECRET): Promise<JwtRefusal> {
  const verdict = await verifyJwt(token, secret, NOW);
  if (verdict.ok) assert.fail(`${token} was accepted`);
  return verdict.refusal;
}

Deno.test("verifyJwt() accepts what signJwt() made, with its claims", async () => {
  const claims = {
    sub: "ü-1",
    role: "authenticated",
    exp: NOW_SECONDS + 60,
    app_metadata: { role: "admin" },
  };
  assert.deepEqual(await verifyJwt(await signJwt(claims, SECRET), SECRET, NOW), { ok: true, claims });
});

// The example of jwt.io, which the libraries of many languages reproduce.
Deno.test("signJwt() makes the signature that another implementation makes", async () => {
  const token = await signJwt(
    { sub: "1234567890", name: "John Doe", iat: 1516239022 },
    "your-256-bit-secret",
  );
  assert.equal(
    token,
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
      "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ." +
      "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
  );
});

Deno.test("verifyJwt() refuses another secret", async () => {
  const token = await signJwt({ role: "service_role" }, "another-secret-of-thirty-two-characters");
  assert.deepEqual(await refusalOf(token), { kind: "signature" });
});

Deno.test("verifyJwt() refuses a token whose claims were changed", async () => {
  const [head, , signature] = (await signJwt({ role: "anon" }, SECRET)).split(".");
  assert.deepEqual(await refusalOf(`${head}.${encode({ role: "service_role" })}.${signature}`), {
    kind: "signature",
  });
});

Deno.test("verifyJwt() refuses alg none, with and without a signature", async () => {
  const unsigned = `${encode({ alg: "none", typ: "JWT" })}.${encode({ role: "service_role" })}`;
  for (const token of [`${unsigned}.`, `${unsigned}.AAAA`]) {
    assert.deepEqual(await refusalOf(token), { kind: "algorithm", algorithm: "none" });
  }
});

Deno.test("verifyJwt() listens to no other algorithm, however it is written", async () => {
  for (const alg of ["HS512", "RS256", "ES256", "hs256", "NONE", "HS256 "]) {
    const token = `${encode({ alg })}.${encode({ role: "service_role" })}.AAAA`;
    assert.deepEqual(await refusalOf(token), { kind: "algorithm", algorithm: alg });
  }
});

Deno.test("verifyJwt() refuses a signature that is empty, cut or padded", async () => {
  const token = await signJwt({ role: "anon" }, SECRET);
  const [head, body, signature = ""] = token.split(".");
  for (const broken of ["", signature.slice(0, -3)]) {
    assert.deepEqual(await refusalOf(`${head}.${body}.${broken}`), { kind: "signature" });
  }
  for (const broken of [`${signature}=`, `${signature} `, "ä"]) {
    assert.deepEqual(await refusalOf(`${head}.${body}.${broken}`), { kind: "malformed", parts: 3 });
  }
});

Deno.test("verifyJwt() refuses what has not three parts or no readable header", async () => {
  assert.deepEqual(await refusalOf(""), { kind: "malformed", parts: 1 });
  assert.deepEqual(await refusalOf("a.b"), { kind: "malformed", parts: 2 });
  assert.deepEqual(await refusalOf("a.b.c.d"), { kind: "malformed", parts: 4 });
  for (const head of ["", "%%%", encode(null), encode([]), encode({}), encode({ alg: 1 })]) {
    assert.deepEqual(await refusalOf(`${head}.${encode({})}.AAAA`), { kind: "malformed", parts: 3 });
  }
});

Deno.test("verifyJwt() refuses an expired token after the thirty seconds that clocks may differ", async () => {
  const fresh = await signJwt({ exp: NOW_SECONDS - 30 }, SECRET);
  assert.equal((await verifyJwt(fresh, SECRET, NOW)).ok, true);
  const late = await signJwt({ exp: NOW_SECONDS - 31 }, SECRET);
  assert.deepEqual(await refusalOf(late), { kind: "claims", message: "JWT expired" });
});

Deno.test("verifyJwt() refuses a token from the future", async () => {
  const unborn = await signJwt({ nbf: NOW_SECONDS + 31 }, SECRET);
  assert.deepEqual(await refusalOf(unborn), { kind: "claims", message: "JWT not yet valid" });
  const early = await signJwt({ iat: NOW_SECONDS + 31 }, SECRET);
  assert.deepEqual(await refusalOf(early), { kind: "claims", message: "JWT issued at future" });
});

Deno.test("verifyJwt() refuses times that are no numbers instead of ignoring them", async () => {
  const token = await signJwt({ exp: "tomorrow" }, SECRET);
  assert.deepEqual(await refusalOf(token), {
    kind: "claims",
    message: "The JWT 'exp' claim must be a number",
  });
});
