/**
 * Fails when `deno.lock` does not hold exactly the packages that the code pins, each with its checksum, or when
 * it names a host. The format changes with Deno, so only what matters to us is read.
 *
 * @module
 */

import type { Gate, GateContext } from "../lib/gate.ts";
import { messageOf } from "../../supabase/functions/_shared/core/errors.ts";
import { moduleReferences } from "../lib/typescript.ts";

/** The gate. */
export const lockedGate: Gate = { name: "locked", run: checkLock };

const LOCK = "deno.lock";

interface LockFile {
  specifiers?: Record<string, string>;
  npm?: Record<string, { integrity?: string }>;
}

async function checkLock(context: GateContext): Promise<string[]> {
  if (!(await context.files()).includes(LOCK)) {
    return [`${LOCK} is missing: run deno task check --frozen=false once`];
  }
  const text = await context.read(LOCK);
  const hosts = text.split("\n").flatMap((line, index) =>
    /https?:|\/\/[\w-]+\./.test(line)
      ? [`${LOCK}:${index + 1}: names a host: import it from a package instead`]
      : []
  );
  try {
    return [...hosts, ...compare(JSON.parse(text) as LockFile, await pinnedPackages(context))];
  } catch (error) {
    return [...hosts, `${LOCK}: is not JSON (${messageOf(error)}): write it anew`];
  }
}

/** Every `npm:name@version` that the code names, without the path inside of the package. */
async function pinnedPackages(context: GateContext): Promise<Map<string, string>> {
  const pinned = new Map<string, string>();
  for (
    const path of (await context.files()).filter((path) => /^(supabase|scripts|tests)\/.*\.tsx?$/.test(path))
  ) {
    for (const { specifier = "", line } of moduleReferences(await context.parse(path))) {
      const name = /^npm:(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
      if (name !== undefined) pinned.set(name, `${path}:${line}`);
    }
  }
  return pinned;
}

function compare(lock: LockFile, pinned: Map<string, string>): string[] {
  const known = Object.keys(lock.specifiers ?? {});
  const packages = Object.entries(lock.npm ?? {});
  return [
    ...[...pinned].filter(([name]) => !known.includes(name))
      .map(([name, place]) =>
        `${place}: ${name} is not in ${LOCK}: run deno task check --frozen=false and commit it`
      ),
    ...known.filter((name) => !pinned.has(name))
      .map((name) => `${LOCK}: holds ${name}, which nothing imports: take it out`),
    ...packages.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? ""))
      .map(([name]) => `${LOCK}: has no checksum for ${name}: write it anew`),
  ];
}
