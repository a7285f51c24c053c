/** Accounts of two people, and transactions that move money between them. @module */

import { signJwt } from "../../scripts/stack/jwt.ts";
import type { HealingError } from "../../supabase/functions/_shared/core/errors.ts";
import { silentLogger } from "../../supabase/functions/_shared/core/logger.ts";
import { readSettings } from "../../supabase/functions/_shared/core/settings.ts";
import {
  closeTransactions,
  type Transaction,
  transaction,
  type TransactionOptions,
} from "../../supabase/functions/_shared/transactionManager.ts";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** Signs the tokens of these tests. */
export const SECRET = "a-shared-secret-of-forty-eight-characters-or-so!";
/** Owns accounts 1 and 2. */
export const ALICE = "00000000-0000-4000-8000-00000000000a";
/** Owns account 3. */
export const BOB = "00000000-0000-4000-8000-00000000000b";

const SCHEMA = `
  create table public.accounts (id int primary key, owner uuid not null, balance int not null,
    constraint balances_are_not_negative check (balance >= 0));
  alter table public.accounts enable row level security;
  create policy owners on public.accounts for all to authenticated
    using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
  grant select, insert, update, delete on public.accounts to authenticated, service_role;
  insert into public.accounts values (1, '${ALICE}', 100), (2, '${ALICE}', 0), (3, '${BOB}', 50);`;

/** A database with accounts, and transactions on it; it goes at the end, also one that was given. */
export async function openAccounts(given?: TestDatabase) {
  const database = given ?? await createTestDatabase();
  await database.query(SCHEMA);
  const settings = {
    ...readSettings({ get: () => undefined }),
    databaseUrl: database.url,
    jwtSecret: SECRET,
  };
  const run = <Result>(work: (tx: Transaction) => Promise<Result>, options: TransactionOptions = {}) =>
    transaction(work, { settings, logger: silentLogger, ...options });
  return {
    database,
    settings,
    run,
    balances: async () =>
      (await database.query<{ balance: number }>("select balance from accounts order by id")).map((row) =>
        row.balance
      ),
    [Symbol.asyncDispose]: async () => {
      await closeTransactions();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** A request of a signed-in person. */
export async function requestOf(sub: string): Promise<Request> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const token = await signJwt({ sub, role: "authenticated", exp }, SECRET);
  return new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
}

/** True for an error with this code. */
export function coded(code: string, more: (error: HealingError) => boolean = () => true) {
  return (error: unknown) => (error as HealingError).code === code && more(error as HealingError);
}

/** Moves money from one account to another. */
export async function move(tx: Transaction, from: number, to: number, amount: number): Promise<void> {
  await tx.query("update accounts set balance = balance - $1 where id = $2", [amount, from]);
  await tx.query("update accounts set balance = balance + $1 where id = $2", [amount, to]);
}

/** Server processes that serve transactions of this database. */
export function backends(database: TestDatabase): Promise<{ state: string }[]> {
  return database.query<{ state: string }>(
    "select state from pg_stat_activity where application_name = 'healing transaction' and datname = current_database()",
  );
}
