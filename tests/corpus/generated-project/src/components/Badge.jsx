const COLOURS = { open: "grey", paid: "green", shipped: "blue", cancelled: "red" };

export function Badge({ status, children }) {
  return <span style={{ color: COLOURS[status] ?? "grey" }}>{children ?? status}</span>;
}
