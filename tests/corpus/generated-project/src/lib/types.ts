export interface Product {
  id: string;
  name: string;
  priceInCents: number;
  stock: number;
  tags: string[];
}

export interface CartLine {
  product: Product;
  quantity: number;
}

export type OrderStatus = "open" | "paid" | "shipped" | "cancelled";

export interface Order {
  id: string;
  status: OrderStatus;
  lines: CartLine[];
  placedAt: Date;
  note?: string;
}
