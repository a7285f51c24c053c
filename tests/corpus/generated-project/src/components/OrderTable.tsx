import { useMemo, useState } from "react";
import { subtotal } from "../lib/cart";
import { toIsoDay } from "../lib/dates";
import { formatPrice } from "../lib/price";
import type { Order } from "../lib/types";

export default function OrderTable({ orders, pageSize = 10 }: { orders: Order[]; pageSize?: number }) {
  const [page, setPage] = useState(0);
  const visible = useMemo(() => orders.slice(page * pageSize, (page + 1) * pageSize), [
    orders,
    page,
    pageSize,
  ]);
  if (orders.length === 0) return <p>No orders yet</p>;
  return (
    <table>
      <tbody>
        {visible.map((order) => (
          <tr key={order.id} data-status={order.status}>
            <td>{toIsoDay(order.placedAt)}</td>
            <td>{order.lines.length} items</td>
            <td>{formatPrice(subtotal(order.lines))}</td>
            <td>{order.note ?? "-"}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td>
            <button onClick={() => setPage(page + 1)}>Next</button>
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
