import assert from "node:assert/strict";
import { type Access, readAccesses } from "../../supabase/functions/_shared/databaseOptimizer/accesses.ts";

const TABLES = [
  { schema: "public", table: "orders", columns: ["id", "customer_id", "status", "created_at"] },
  { schema: "public", table: "customers", columns: ["id", "email", "city"] },
  { schema: "one", table: "twice", columns: ["a"] },
  { schema: "two", table: "twice", columns: ["a"] },
];

async function accesses(text: string): Promise<Access[]> {
  return (await readAccesses(text))?.accesses(TABLES) ?? [];
}

function access(table: string, changes: Partial<Access>): Access {
  return { schema: "public", table, equal: [], range: [], order: [], hasLimit: false, ...changes };
}

const CASES: [string, string, Access[]][] = [
  [
    "conditions joined by and, an order and a limit",
    "select * from orders o where o.customer_id = $1 and status in ($2, $3) and created_at > $4 order by created_at desc limit $5",
    [access("orders", {
      equal: ["customer_id", "status"],
      range: ["created_at"],
      order: [{ name: "created_at", descending: true }],
      hasLimit: true,
    })],
  ],
  [
    "what the API sends",
    `with source as (select "public"."orders".* from "public"."orders" where "public"."orders"."status" = $1 limit $2 offset $3)
     select coalesce(json_agg(_t), $4) from (select * from source) _t`,
    [access("orders", { equal: ["status"], hasLimit: true })],
  ],
  [
    "both sides of a join",
    "select * from orders o join customers c on c.id = o.customer_id where c.email = $1",
    [access("orders", { equal: ["customer_id"] }), access("customers", { equal: ["id", "email"] })],
  ],
  ["an update", "update orders set status = $1 where customer_id = any ($2)", [
    access("orders", { equal: ["customer_id"] }),
  ]],
  ["a delete", "delete from orders using customers c where orders.customer_id = c.id and c.city = $1", [
    access("orders", { equal: ["customer_id"] }),
    access("customers", { equal: ["id", "city"] }),
  ]],
  [
    "a query inside a condition",
    "select * from customers c where exists (select from orders o where o.customer_id = c.id)",
    [access("orders", { equal: ["customer_id"] })],
  ],
  [
    "alternatives say nothing for every row",
    "select * from orders where customer_id = $1 or status = $2",
    [],
  ],
  ["a function of a column", "select * from customers where lower(email) = $1", []],
  ["a cast of a column", "select * from orders where customer_id::text = $1", []],
  ["two columns of one row", "select * from orders where id = customer_id", []],
  ["not equal", "select * from orders where status <> $1 and not (customer_id = $2)", []],
  ["a name that two schemas have", "select * from twice where a = $1", []],
  ["a column that no table has", "select * from orders where nothing = $1", []],
  [
    "a bare name beside something unknown",
    "select * from orders, generate_series($1, $2) where status = $3",
    [],
  ],
  ["nothing that reads", "vacuum orders", []],
  ["no SQL", "select from from where", []],
  ["several statements", "select * from orders where status = $1; drop table orders", []],
];

for (const [name, text, expected] of CASES) {
  Deno.test(`readAccesses(): ${name}`, async () => assert.deepEqual(await accesses(text), expected));
}

Deno.test("readAccesses() takes a name with its schema where two have it", async () => {
  assert.deepEqual(await accesses("select * from two.twice where a = $1"), [
    { ...access("twice", { equal: ["a"] }), schema: "two" },
  ]);
});
