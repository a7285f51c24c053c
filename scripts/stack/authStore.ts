/** Users and sessions of the auth door, in the tables that the platform's auth server keeps them in. @module */

import type { Pool } from "../../supabase/functions/_shared/postgres.ts";

/** A user who can sign in. */
export interface AuthUser {
  id: string;
  email: string;
  /** Written by the server only; `role: "admin"` makes an admin. */
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  /** ISO 8601. */
  created_at: string;
}

/** A signed-in user's session; each refresh gives it a new token. */
export interface AuthSession {
  sessionId: string;
  userId: string;
}

/** Which sessions of a user end: this one, the others, or all. */
export type SignOutScope = "local" | "others" | "global";

const USER_SQL = `
  select id, email, raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
  from auth.users
  where deleted_at is null and coalesce(banned_until <= now(), true)`;

/** Reads and writes users and sessions; the pool must be a superuser's. */
export class AuthStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The user of an id that a token named. */
  async byId(id: string): Promise<AuthUser | undefined> {
    const { rows } = await this.#pool.query<AuthUser>(`${USER_SQL} and id::text = $1`, [id]);
    return rows[0];
  }

  /** The user of an e-mail address. */
  async byEmail(email: string): Promise<AuthUser | undefined> {
    const { rows } = await this.#pool.query<AuthUser>(`${USER_SQL} and email = lower($1)`, [email]);
    return rows[0];
  }

  /** The user when e-mail address and password belong together. */
  async byPassword(email: string, password: string): Promise<AuthUser | undefined> {
    const { rows } = await this.#pool.query<AuthUser>(
      `${USER_SQL} and email = lower($1) and encrypted_password = extensions.crypt($2, encrypted_password)`,
      [email, password],
    );
    return rows[0];
  }

  /** Begins a session. */
  async begin({ sessionId, userId }: AuthSession, refreshToken: string): Promise<void> {
    await this.#pool.query(
      "insert into auth.refresh_tokens (token, user_id, session_id) values ($1, $2, $3)",
      [refreshToken, userId, sessionId],
    );
  }

  /** Exchanges a token for a new one; of two exchanges at once only one finds it unused. */
  async rotate(oldToken: string, newToken: string): Promise<AuthSession | undefined> {
    const { rows } = await this.#pool.query<AuthSession>(
      `with used as (
         update auth.refresh_tokens set revoked = true, updated_at = now()
         where token = $1 and not revoked
         returning user_id, session_id
       )
       insert into auth.refresh_tokens (token, user_id, session_id, parent)
       select $2, user_id, session_id, $1 from used
       returning session_id::text as "sessionId", user_id::text as "userId"`,
      [oldToken, newToken],
    );
    return rows[0];
  }

  /** Ends sessions of a user. */
  async end({ sessionId, userId }: AuthSession, scope: SignOutScope): Promise<void> {
    await this.#pool.query(
      `update auth.refresh_tokens set revoked = true, updated_at = now()
       where user_id::text = $1 and not revoked and case $3
         when 'local' then session_id::text = $2 when 'others' then session_id::text <> $2 else true end`,
      [userId, sessionId, scope],
    );
  }

  /** True while a session can still be refreshed. */
  async isLive(sessionId: string): Promise<boolean> {
    const { rows } = await this.#pool.query(
      "select from auth.refresh_tokens where session_id::text = $1 and not revoked limit 1",
      [sessionId],
    );
    return rows.length > 0;
  }
}
