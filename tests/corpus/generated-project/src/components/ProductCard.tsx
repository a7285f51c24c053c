import { formatPrice } from "../lib/price";
import type { Product } from "../lib/types";

interface Props {
  product: Product;
  onAdd: (id: string) => void;
  highlighted?: boolean;
}

export function ProductCard({ product, onAdd, highlighted }: Props) {
  const soldOut = product.stock === 0;
  return (
    <article className={highlighted ? "card card-highlighted" : "card"}>
      <h2>{product.name}</h2>
      <p>{formatPrice(product.priceInCents)}</p>
      <ul>
        {product.tags.map((tag) => <li key={tag}>{tag}</li>)}
      </ul>
      <button type="button" disabled={soldOut} onClick={() => onAdd(product.id)}>
        {soldOut ? "Sold out" : "Add to cart"}
      </button>
    </article>
  );
}
