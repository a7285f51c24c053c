const headers = { "content-type": "application/json", "access-control-allow-origin": "*" };

Deno.serve(async (req) => {
  if (req.method === "OPTIONS") return new Response("ok", { headers });
  if (req.method !== "POST") return reply({ error: "Use POST" }, 405);
  let order;
  try {
    order = await req.json();
  } catch {
    return reply({ error: "The body is no JSON" }, 400);
  }
  const { customer, quantity, productId } = order;
  if (!customer || !productId) return reply({ error: "customer and productId are needed" }, 422);
  if (quantity < 1) return reply({ error: "quantity must be positive" }, 422);
  const total = quantity * 499;
  return reply(
    { id: crypto.randomUUID(), customer, productId, total, placedAt: new Date().toISOString() },
    201,
  );
});

function reply(body: unknown, status: number) {
  return new Response(JSON.stringify(body), { status, headers });
}
