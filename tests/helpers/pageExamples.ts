/** Examples of the pages as programs: their names found, their types checked, run on a stack. @module */

import type { Block } from "../../scripts/lib/documents.ts";
import { ROOT } from "./pages.ts";
import { waitFor } from "./waiting.ts";

const LIBRARY = new URL("../../supabase/functions/_shared/", import.meta.url).href;
const AUTHORS_NAMES = new URL("./authorsNames.ts", import.meta.url).href;
/** What the compiler says of a name that nothing declares. */
const NO_NAME = /Cannot find name '(\w+)'|No value exists in scope for the shorthand property '(\w+)'/;

/** A block of code as a file. */
export interface Example {
  block: Block;
  file: string;
}

/** Writes examples as files that find the library; `end` removes them. */
export async function writeExamples(folder: string, blocks: readonly Block[]): Promise<Example[]> {
  return await Promise.all(blocks.map(async (block) => {
    const file = `${folder}/${block.page.replaceAll(/\W/g, "_")}_${block.line}.ts`;
    await Deno.writeTextFile(file, `${programOf(block)}\nexport {};\n`);
    return { block, file };
  }));
}

function programOf({ code }: Block): string {
  return code.replaceAll(/(?:\.\.|\.\/supabase\/functions)\/_shared\//g, LIBRARY);
}

/** What the compiler says of all examples together, by example; nothing when they are right. */
export async function checkExamples(examples: readonly Example[]): Promise<Map<Example, string[]>> {
  const { stderr, code } = await deno([
    "check",
    "--config",
    "deno.json",
    ...examples.map(({ file }) => file),
  ]);
  const found = new Map<Example, string[]>();
  for (const complaint of stderr.split(/(?=^TS\d+ \[ERROR\])/m).filter((text) => text.startsWith("TS"))) {
    const at = examples.find(({ file }) => complaint.includes(`file://${file}`));
    if (at === undefined) throw new Error(complaint);
    found.set(at, [...found.get(at) ?? [], complaint]);
  }
  if (code !== 0 && found.size === 0) throw new Error(stderr);
  return found;
}

/** Imports what an example leaves to its author; on the first line, so that all others keep their numbers. */
export async function supplyNames(found: ReadonlyMap<Example, readonly string[]>): Promise<void> {
  const source = await Deno.readTextFile(new URL(AUTHORS_NAMES));
  const known = [...source.matchAll(/^export const (\w+)/gm)].map(([, name]) => name!);
  for (const [{ block, file }, complaints] of found) {
    const names = complaints.map((text) => NO_NAME.exec(text)).map((match) => match?.[1] ?? match?.[2]);
    const wanted = [...new Set(names)].filter((name) => name !== undefined && known.includes(name));
    const line = `import { ${wanted.join(", ")} } from ${JSON.stringify(AUTHORS_NAMES)};`;
    await Deno.writeTextFile(file, `${line} ${programOf(block)}\nexport {};\n`);
  }
}

/** Runs an example to its end, a server until it has answered once; fails with what it said when it fails. */
export async function runExample({ block, file }: Example, env: Record<string, string>): Promise<void> {
  const where = `${block.page}:${block.line}`;
  const verb = /\bDeno\.test\(/.test(block.code) ? "test" : "run";
  const args = [verb, "--no-check", "--allow-all", "--config", "deno.json"];
  if (/\bDeno\.serve\(/.test(block.code)) return await askServer(where, [...args, file], env);
  // What it leaves open, such as the connection of a transaction, belongs to its isolate.
  if (verb === "run") await Deno.writeTextFile(file, "Deno.exit(0);\n", { append: true });
  const { code, stderr } = await deno([...args, file], env);
  if (code !== 0) throw new Error(`${where} ended with ${code}: ${stderr}`);
}

async function askServer(where: string, args: string[], env: Record<string, string>): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { ...env, NO_COLOR: "1", DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  const heard = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said += text;
  });
  try {
    let address: string | undefined;
    await waitFor(`${where} to listen`, () => {
      address = /Listening on (http:\S+)/.exec(said)?.[1];
      return address !== undefined;
    });
    const answer = await fetch(address!, {
      method: "POST",
      headers: { apikey: env.publishable!, "content-type": "application/json", "idempotency-key": where },
      body: JSON.stringify({ id: "7", question: "What is new?" }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${where} answered ${answer.status}: ${text}\n${said}`);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Promise.all(heard);
  }
}

async function deno(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
