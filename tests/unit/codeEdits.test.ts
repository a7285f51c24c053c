/** What a pattern may change in code, and what it leaves alone. */

import assert from "node:assert/strict";
import { applyCodeEdit } from "../../supabase/functions/_shared/patternLearning.ts";

const rename = (code: string, from = "sender", to = "role") =>
  applyCodeEdit({ kind: "rename_identifier", from, to }, code);
const add = (code: string, name = "z", module = "./zod.ts") =>
  applyCodeEdit({ kind: "add_import", name, module }, code);

Deno.test("applyCodeEdit() renames an identifier wherever it is one, and nowhere else", () => {
  const code =
    'const { sender } = row; // sender\nsave(row.sender, "sender", `sender ${sender}`, senders, $sender);\n/* sender */ sender++';
  assert.equal(
    rename(code),
    'const { role } = row; // sender\nsave(row.role, "sender", `sender ${sender}`, senders, $sender);\n/* sender */ role++',
  );
});

Deno.test("applyCodeEdit() does not lose its way in strings that hold quotes, escapes or comments, or that never end", () => {
  assert.equal(
    rename(`x("it's", 'a "sender"', "\\" sender"); sender`),
    `x("it's", 'a "sender"', "\\" sender"); role`,
  );
  assert.equal(rename(`"// sender"; sender`), `"// sender"; role`);
  assert.equal(rename("`open sender"), null);
  assert.equal(rename("/* open sender"), null);
});

Deno.test("applyCodeEdit() adds an import that is missing, after a shebang, and not twice", () => {
  assert.equal(add("z.string();"), 'import { z } from "./zod.ts";\nz.string();');
  assert.equal(
    add("#!/usr/bin/env x\nz.string();"),
    '#!/usr/bin/env x\nimport { z } from "./zod.ts";\nz.string();',
  );
  assert.equal(add('import { z } from "./other.ts";\nz.string();'), null);
  assert.equal(add("const z = 1;"), null);
  assert.equal(
    add("assert(true)", "assert", "node:assert"),
    'import { assert } from "node:assert";\nassert(true)',
  );
});

Deno.test("applyCodeEdit() takes a package only when the code uses it already", () => {
  assert.equal(add("z()", "z", "left-pad"), null);
  assert.equal(
    add('import { a } from "left-pad";\nz()', "z", "left-pad"),
    'import { z } from "left-pad";\nimport { a } from "left-pad";\nz()',
  );
});

Deno.test("applyCodeEdit() makes nothing of strategies that are none of its own, nor of words that are no words", () => {
  const hostile = [
    { kind: "run", code: "Deno.exit()" },
    { kind: "rename_identifier", from: "a", to: "b; fetch('x')" },
    { kind: "rename_identifier", from: "$1", to: "b c" },
    { kind: "rename_identifier", from: "a", to: "b", also: "c" },
    { kind: "add_import", name: "z }; import x", module: "./a.ts" },
    { kind: "add_import", name: "z", module: 'x"; evil("' },
    { kind: "add_import", name: "z", module: "https://evil.example/x.ts" },
    { kind: "add_import", name: "z", module: "npm:evil" },
    { kind: "add_import", name: 5, module: "./a.ts" },
    { kind: "constructor" },
  ];
  for (const strategy of hostile) {
    assert.equal(applyCodeEdit(strategy, "a; b; z"), null, JSON.stringify(strategy));
  }
});

Deno.test("applyCodeEdit() goes through half a million hostile characters once, and no further", () => {
  for (const unit of ["/*", "`", '"\\', "const ", "sender ", "//", "'", "import {"]) {
    const code = unit.repeat(Math.floor(499_000 / unit.length)) + " sender";
    // What looks back again and again would not come to an end here.
    rename(code);
    add(code);
  }
  assert.equal(rename("sender ".repeat(80_000)), null);
});
