/**
 * Money without floats: a whole number of picodollars. A price of a million tokens with six decimals is exactly that
 * many picodollars a token.
 *
 * @module
 */

/** Picodollars for one token. */
export interface TokenPrice {
  input: bigint;
  output: bigint;
}

const DECIMALS = 12;
const PRICE_DECIMALS = 6;

/** What is assumed of a model while nobody can be asked: the default of the setting `ai_unknown_model_price`. */
export const UNKNOWN_PRICE: TokenPrice = { input: 10_000_000n, output: 40_000_000n };

/** A price in dollars for a million tokens, a decimal text, as picodollars for one; what cannot be read is undefined. */
export function parsePrice(text: string): bigint | undefined {
  const [, whole, part = ""] = /^(\d{1,9})(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const kept = BigInt(whole + part.slice(0, PRICE_DECIMALS).padEnd(PRICE_DECIMALS, "0"));
  // Rounded up: a call is never cheaper here than where it is charged.
  return /[1-9]/.test(part.slice(PRICE_DECIMALS)) ? kept + 1n : kept;
}

/** What so many tokens cost, in picodollars. */
export function costOf(price: TokenPrice, promptTokens: number, completionTokens: number): bigint {
  return price.input * BigInt(promptTokens) + price.output * BigInt(completionTokens);
}

/** Dollars, such as 1.5, in picodollars. */
export function picodollars(usd: number): bigint {
  return BigInt(Math.round(usd * 1e6)) * 1_000_000n;
}

/** Picodollars as a decimal text in dollars. */
export function formatUsd(pico: bigint): string {
  const digits = pico.toString().padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`.replace(/\.?0{1,12}$/, "");
}

/** The sum of two decimal texts in dollars. */
export function addUsd(one: string, other: string): string {
  return formatUsd(parseUsd(one) + parseUsd(other));
}

function parseUsd(text: string): bigint {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(DECIMALS, "0"));
}
