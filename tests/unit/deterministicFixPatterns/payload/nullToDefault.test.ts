import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("null_to_default lets the default come", () => {
  assertHeals("null_to_default", ["t", "v text! = 'queued'; n text!"], { "v": null, "n": "x" }, { "n": "x" });
  assertHeals("null_to_default", ["t", "id uuid! = gen_random_uuid(); n text!"], { "id": null, "n": "x" }, {
    "n": "x",
  });
});

Deno.test("null_to_default keeps a null that is taken, and one that decides about rights or money or is an update's", () => {
  assertDeclines("null_to_default", ["t", "v text"], { "v": null });
  assertDeclines("null_to_default", ["t", "v text!"], { "v": null });
  assertDeclines("null_to_default", ["t", "role text! = 'user'"], { "role": null });
  assertDeclines("null_to_default", ["t", "price numeric! = 0"], { "price": null });
  assertDeclines("null_to_default", ["t", "v text! = 'a'"], { "v": null }, { operation: "update" });
});
