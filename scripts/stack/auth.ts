/**
 * Signs users in and out, in the shapes of the platform's auth server, so that supabase-js and the dashboard do
 * here what they do in production. Signing up, mail and providers are not emulated.
 *
 * @module
 */

import type { Clock } from "../../supabase/functions/_shared/core/clock.ts";
import type { Random } from "../../supabase/functions/_shared/core/random.ts";
import type { AuthSession, AuthStore, AuthUser, SignOutScope } from "./authStore.ts";
import { bearerToken } from "./caller.ts";
import { decodeText, jsonResponse, readBody, textResponse } from "./http.ts";
import { type JwtClaims, signJwt, verifyJwt } from "./jwt.ts";

/** What {@link AuthServer} needs. */
export interface AuthOptions {
  store: AuthStore;
  jwtSecret: string;
  /** The `iss` of tokens: the public address of this door. */
  issuer: string;
  clock: Clock;
  random: Random;
}

/** What signing in answers. */
export interface SessionBody {
  access_token: string;
  token_type: "bearer";
  /** Seconds. */
  expires_in: number;
  /** Seconds since the epoch. */
  expires_at: number;
  refresh_token: string;
  user: Record<string, unknown>;
}

const TOKEN_LIFE_SECONDS = 3_600;
const MAX_BODY_BYTES = 65_536;
const API_VERSION = "2024-01-01";

/** The auth door of the gateway. */
export class AuthServer {
  readonly #options: AuthOptions;

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  /** Answers a request below `/auth/v1`; `path` is what follows. */
  async handle(request: Request, path: string): Promise<Response> {
    const key = `${request.method} ${path}`;
    if (key === "POST token") return await this.#token(request);
    if (key === "GET user") return await this.#user(request);
    if (key === "POST logout") return await this.#logout(request);
    if (key === "GET health") return jsonResponse(200, { name: "GoTrue", description: "local stand-in" });
    if (key === "GET .well-known/jwks.json") return jsonResponse(200, { keys: [] });
    return ["token", "user", "logout"].includes(path)
      ? fault(request, 405, "validation_failed", "Method not allowed")
      : fault(request, 404, "not_found", "The local stack signs in, refreshes, reads the user and signs out");
  }

  /** Signs a user in without asking for a password. */
  async signIn(user: AuthUser): Promise<SessionBody> {
    const session = { sessionId: this.#options.random.uuid(), userId: user.id };
    const refreshToken = this.#newRefreshToken();
    await this.#options.store.begin(session, refreshToken);
    return await this.#issue(user, session, refreshToken);
  }

  async #token(request: Request): Promise<Response> {
    const body = await readJson(request);
    if (body === undefined) return fault(request, 400, "bad_json", "Could not parse request body as JSON");
    const grant = new URL(request.url).searchParams.get("grant_type");
    if (grant === "password") return await this.#byPassword(request, body);
    if (grant === "refresh_token") return await this.#byRefreshToken(request, body);
    return fault(request, 400, "invalid_credentials", "unsupported_grant_type");
  }

  async #byPassword(request: Request, { email, password }: Record<string, unknown>): Promise<Response> {
    if (!isText(email) || !isText(password)) {
      return fault(request, 400, "validation_failed", "missing email or password");
    }
    const user = await this.#options.store.byPassword(email, password);
    return user === undefined
      ? fault(request, 400, "invalid_credentials", "Invalid login credentials")
      : jsonResponse(200, await this.signIn(user));
  }

  async #byRefreshToken(
    request: Request,
    { refresh_token: old }: Record<string, unknown>,
  ): Promise<Response> {
    const refreshToken = this.#newRefreshToken();
    const session = isText(old) ? await this.#options.store.rotate(old, refreshToken) : undefined;
    const user = session === undefined ? undefined : await this.#options.store.byId(session.userId);
    if (session === undefined || user === undefined) {
      const message = "Invalid Refresh Token: Refresh Token Not Found";
      return fault(request, 400, "refresh_token_not_found", message);
    }
    return jsonResponse(200, await this.#issue(user, session, refreshToken));
  }

  async #user(request: Request): Promise<Response> {
    const session = await this.#sessionOf(request);
    if (session instanceof Response) return session;
    const user = await this.#options.store.byId(session.userId);
    return user === undefined
      ? fault(request, 403, "user_not_found", "User from sub claim in JWT does not exist")
      : jsonResponse(200, userBody(user));
  }

  async #logout(request: Request): Promise<Response> {
    const scope = new URL(request.url).searchParams.get("scope") ?? "global";
    if (!isScope(scope)) {
      return fault(request, 400, "validation_failed", `Unsupported logout scope "${scope}"`);
    }
    const session = await this.#sessionOf(request);
    if (session instanceof Response) return session;
    await this.#options.store.end(session, scope);
    return textResponse(204, null);
  }

  /** Whose token it is; a token without a session (one that a test has signed) is good as long as it lasts. */
  async #sessionOf(request: Request): Promise<AuthSession | Response> {
    const token = bearerToken(request);
    if (token === undefined) {
      return fault(request, 401, "no_authorization", "This endpoint requires a valid Bearer token");
    }
    const verdict = await verifyJwt(token, this.#options.jwtSecret, this.#options.clock.now());
    if (!verdict.ok) {
      return fault(request, 403, "bad_jwt", "invalid JWT: unable to parse or verify signature");
    }
    const { sub, session_id: sessionId } = verdict.claims;
    if (!isText(sub)) return fault(request, 403, "bad_jwt", "invalid claim: missing sub claim");
    if (isText(sessionId) && !await this.#options.store.isLive(sessionId)) {
      const message = "Session from session_id claim in JWT does not exist";
      return fault(request, 403, "session_not_found", message);
    }
    return { userId: sub, sessionId: isText(sessionId) ? sessionId : "" };
  }

  async #issue(user: AuthUser, session: AuthSession, refreshToken: string): Promise<SessionBody> {
    const iat = Math.floor(this.#options.clock.now() / 1_000);
    const exp = iat + TOKEN_LIFE_SECONDS;
    const claims = { ...claimsOf(user, session, iat), iss: this.#options.issuer, iat, exp };
    return {
      access_token: await signJwt(claims, this.#options.jwtSecret),
      token_type: "bearer",
      expires_in: TOKEN_LIFE_SECONDS,
      expires_at: exp,
      refresh_token: refreshToken,
      user: userBody(user),
    };
  }

  #newRefreshToken(): string {
    return this.#options.random.uuid().replaceAll("-", "").slice(0, 24);
  }
}

function claimsOf(user: AuthUser, { sessionId }: AuthSession, timestamp: number): JwtClaims {
  return {
    sub: user.id,
    aud: "authenticated",
    email: user.email,
    phone: "",
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp }],
    session_id: sessionId,
    is_anonymous: false,
  };
}

/** A text that the database can take. */
function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

function isScope(value: string): value is SignOutScope {
  return value === "local" || value === "others" || value === "global";
}

function userBody(user: AuthUser): Record<string, unknown> {
  const { created_at: at } = user;
  return {
    ...user,
    aud: "authenticated",
    role: "authenticated",
    phone: "",
    email_confirmed_at: at,
    confirmed_at: at,
    last_sign_in_at: at,
    updated_at: at,
    identities: [],
    is_anonymous: false,
  };
}

/** The auth server words its errors by the version of its API that the caller asks for. */
function fault(request: Request, status: number, code: string, message: string): Response {
  return request.headers.get("x-supabase-api-version") === API_VERSION
    ? jsonResponse(status, { code, message }, { "x-supabase-api-version": API_VERSION })
    : jsonResponse(status, { code: status, error_code: code, msg: message });
}

async function readJson(request: Request): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBody(request, MAX_BODY_BYTES);
  const text = bytes === undefined ? undefined : decodeText(bytes);
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}
