const items = [
  { id: "1", name: "Pen", priceInCents: 120 },
  { id: "2", name: "Notebook", priceInCents: 450 },
];

export async function GET(_request: Request) {
  const sorted = [...items].sort((one, other) => one.name.localeCompare(other.name));
  return Response.json({ items: sorted, count: sorted.length });
}

export async function POST(request: Request) {
  try {
    const { name, priceInCents } = await request.json();
    if (typeof name !== "string" || name === "") {
      return Response.json({ error: "name is missing" }, { status: 400 });
    }
    if (!(priceInCents > 0)) {
      return Response.json({ error: "priceInCents must be positive" }, { status: 400 });
    }
    return Response.json({ id: String(items.length + 1), name, priceInCents }, { status: 201 });
  } catch {
    return Response.json({ error: "The body is no JSON" }, { status: 400 });
  }
}
