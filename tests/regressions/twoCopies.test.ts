import assert from "node:assert/strict";
import {
  flushErrors,
  type Reporter,
  withSelfHealing,
} from "../../supabase/functions/_shared/errorInterceptor.ts";

const CALLS = 60;
const noPauses = { next: () => 0, uuid: () => crypto.randomUUID() };

/** The library once more, as a project has it that vendored it twice: another address is another module. */
async function secondCopy(): Promise<
  { library: typeof import("../../supabase/functions/_shared/errorInterceptor.ts") } & AsyncDisposable
> {
  const source = new URL("../../supabase/functions/_shared/", import.meta.url);
  const directory = await Deno.makeTempDir();
  const copy = async (from: URL, to: string): Promise<void> => {
    await Deno.mkdir(to, { recursive: true });
    for await (const { name, isDirectory } of Deno.readDir(from)) {
      if (isDirectory) await copy(new URL(`${name}/`, from), `${to}/${name}`);
      else await Deno.copyFile(new URL(name, from), `${to}/${name}`);
    }
  };
  await copy(source, `${directory}/_shared`);
  return {
    library: await import(`file://${directory}/_shared/errorInterceptor.ts`),
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

Deno.test("withSelfHealing() of two copies of the library neither multiplies retries nor captures twice", async () => {
  await using copy = await secondCopy();
  const { library } = copy;
  let captured = 0;
  const reporter = () =>
    Promise.resolve<Reporter>({
      capture: (errors) => Promise.resolve({ queued: 0 * (captured += errors.length) }),
      healed: () => Promise.resolve(),
    });
  let requests = 0;
  const ask = () => {
    requests++;
    return Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
  };
  const options = { reporter, random: noPauses };
  const inner = library.withSelfHealing(ask, { ...options, functionName: "copies: inner", effect: "read" });
  const outer = withSelfHealing(async () => new Response(await inner()), {
    ...options,
    functionName: "copies: outer",
  });
  for (let made = 0; made < CALLS; made += 20) {
    await Promise.all(Array.from({ length: 20 }, () => outer(new Request("http://project.test/"))));
  }
  await Promise.all([flushErrors(), library.flushErrors()]);
  assert.ok(requests <= 1.2 * CALLS, `${requests} requests for ${CALLS} calls`);
  assert.equal(captured, CALLS);
});
