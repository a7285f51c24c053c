import type { Product } from "../lib/types";

export class Inventory {
  #products = new Map<string, Product>();
  count = 0;

  constructor(products: Product[]) {
    for (const product of products) this.#products.set(product.id, product);
    this.count = this.#products.size;
  }

  find(id: string): Product | null {
    return this.#products.get(id) ?? null;
  }

  reserve(id: string, quantity: number): boolean {
    const product = this.#products.get(id);
    if (!product || product.stock < quantity) return false;
    this.#products.set(id, { ...product, stock: product.stock - quantity });
    return true;
  }

  cheapest(): Product | null {
    const all = [...this.#products.values()];
    return all.sort((one, other) => one.priceInCents - other.priceInCents)[0] ?? null;
  }

  search(text: string): Product[] {
    const wanted = text.toLowerCase();
    return [...this.#products.values()].filter((product) => product.name.toLowerCase().includes(wanted));
  }
}
