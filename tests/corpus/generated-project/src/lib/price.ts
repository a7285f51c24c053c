export function formatPrice(cents: number, currency: string = "EUR"): string {
  const sign = cents < 0 ? "-" : "";
  const whole = Math.floor(Math.abs(cents) / 100);
  const rest = String(Math.round(Math.abs(cents) % 100)).padStart(2, "0");
  return `${sign}${whole}.${rest} ${currency}`;
}

export function withTax(cents: number, rate: number): number {
  return Math.round(cents * (1 + rate / 100));
}

export function discount(cents: number, percent: number): number {
  if (percent <= 0) return cents;
  if (percent >= 100) return 0;
  return Math.round(cents - (cents * percent) / 100);
}

export const FREE_SHIPPING_FROM = 5000;

export const shippingCost = (totalInCents: number, express?: boolean): number => {
  if (express) return 1290;
  return totalInCents >= FREE_SHIPPING_FROM ? 0 : 490;
};
