import type { CartLine, Product } from "./types";
import { shippingCost } from "./price";

export function addToCart(lines: CartLine[], product: Product, quantity = 1): CartLine[] {
  const known = lines.find((line) => line.product.id === product.id);
  if (known) {
    return lines.map((line) => line === known ? { ...line, quantity: line.quantity + quantity } : line);
  }
  return [...lines, { product, quantity }];
}

export function removeFromCart(lines: CartLine[], productId: string): CartLine[] {
  return lines.filter((line) => line.product.id !== productId);
}

export function subtotal(lines: CartLine[]): number {
  return lines.reduce((sum, line) => sum + line.product.priceInCents * line.quantity, 0);
}

export function total(lines: CartLine[], express?: boolean): number {
  const before = subtotal(lines);
  return before === 0 ? 0 : before + shippingCost(before, express);
}

export async function checkStock(lines: CartLine[]): Promise<string[]> {
  const missing = lines.filter((line) => line.quantity > line.product.stock);
  return await Promise.resolve(missing.map((line) => line.product.name));
}
