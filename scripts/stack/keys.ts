/**
 * The keys of one local stack: made once for a data folder and kept there, readable by their
 * owner alone.
 *
 * @module
 */

import { HealingError, messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { z } from "../../supabase/functions/_shared/core/validation.ts";
import { signJwt } from "./jwt.ts";

const StackKeysSchema = z.object({
  publishable: z.string().startsWith("sb_publishable_"),
  secret: z.string().startsWith("sb_secret_"),
  anonJwt: z.string().min(1),
  serviceRoleJwt: z.string().min(1),
  jwtSecret: z.string().min(32),
  cronSecret: z.string().min(32),
});

/**
 * The secrets of a stack: the opaque keys, the legacy keys, the secret that signs tokens, and the
 * secret with which the database calls functions.
 */
export type StackKeys = z.infer<typeof StackKeysSchema>;

const TEN_YEARS_SECONDS = 315_360_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Makes a fresh set of keys. */
export async function createKeys(nowMs: number = Date.now()): Promise<StackKeys> {
  const jwtSecret = randomText(48);
  const iat = Math.floor(nowMs / 1_000);
  const claims = { iss: "supabase-local", ref: "local", iat, exp: iat + TEN_YEARS_SECONDS };
  return {
    publishable: `sb_publishable_${randomText(22)}_${randomText(8)}`,
    secret: `sb_secret_${randomText(22)}_${randomText(8)}`,
    anonJwt: await signJwt({ ...claims, role: "anon" }, jwtSecret),
    serviceRoleJwt: await signJwt({ ...claims, role: "service_role" }, jwtSecret),
    jwtSecret,
    cronSecret: randomText(40),
  };
}

/** Reads the keys of a folder, or makes and keeps them there when it has none yet. */
export async function loadOrCreateKeys(folder: string): Promise<StackKeys> {
  const file = `${folder}/keys.json`;
  const text = await readIfThere(file);
  if (text !== undefined) {
    await closeToOthers(file);
    return parseKeys(text, file);
  }
  const keys = await createKeys();
  const draft = `${file}.${crypto.randomUUID()}`;
  // Written beside its place and moved there, so that a crash leaves no half file.
  await Deno.writeTextFile(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, createNew: true });
  await Deno.rename(draft, file);
  return keys;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw brokenKeys(file, messageOf(error), error);
  }
}

async function closeToOthers(file: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const { mode } = await Deno.stat(file);
  if (mode !== null && (mode & 0o077) !== 0) await Deno.chmod(file, 0o600);
}

function parseKeys(text: string, file: string): StackKeys {
  try {
    return StackKeysSchema.parse(JSON.parse(text));
  } catch (error) {
    throw brokenKeys(file, "it does not hold the keys of a stack", error);
  }
}

function brokenKeys(file: string, why: string, cause: unknown): HealingError {
  return new HealingError("CONFIG_MISSING", `Cannot use ${file}: ${why}.`, {
    hint: "Move that file away and start again: new keys are made, the data stays.",
    cause,
  });
}

function randomText(length: number): string {
  // 248 is the largest multiple of 62 below 256; greater bytes would favour the first letters.
  const bytes: number[] = [];
  while (bytes.length < length) {
    bytes.push(...crypto.getRandomValues(new Uint8Array(length)).filter((byte) => byte < 248));
  }
  return bytes.slice(0, length).map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
