import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

Deno.test("procedure_prefix adds the prefix that parameters share", () => {
  assertHeals(
    "procedure_prefix",
    ["rpc:match_documents", "query_embedding vector(2)!; match_threshold float8!; match_count int!"],
    { "query_embedding": [1, 2], "threshold": 0.7, "count": 5 },
    { "query_embedding": [1, 2], "match_threshold": 0.7, "match_count": 5 },
  );
});

Deno.test("procedure_prefix takes no prefix of one parameter alone and none in a table", () => {
  assertDeclines("procedure_prefix", ["rpc:f", "match_count int; query text"], { "count": 5 });
  assertDeclines("procedure_prefix", ["t", "billing_city text; billing_zip text"], { "city": "B" });
});
