import { assertDeclines, assertHeals } from "../../../helpers/payloads.ts";

const learned = [{ table: "t", key: "v", column: "v", confirmations: 6 }];

Deno.test("grouped_number reads a number whose marks have one reading, once that is confirmed", () => {
  const readings = [["$1,234.50", "1234.50"], ["1.234,50", "1234.50"], ["-1,234,567", "-1234567"], [
    "€ 1.234.567,8",
    "1234567.8",
  ]];
  for (const [said, meant] of readings) {
    assertHeals("grouped_number", ["t", "v numeric"], { "v": said }, { "v": meant }, { learned });
  }
});

Deno.test("grouped_number reads nothing that may be another number or another amount", () => {
  for (
    const said of [
      "1,234",
      "1,23,456.7",
      "1,234.567.8",
      "12 345,6",
      "$1,234.50 USD",
      "(1,234.50)",
      "1,234.50%",
    ]
  ) {
    assertDeclines("grouped_number", ["t", "v numeric"], { "v": said }, { learned });
  }
  assertDeclines("grouped_number", ["t", "v numeric(10,1)"], { "v": "1,234.55" }, { learned });
  assertDeclines("grouped_number", ["t", "v numeric; currency text"], {
    "v": "$1,234.50",
    "currency": "EUR",
  }, {
    learned,
  });
});
