/**
 * A program of its own: loads the package named by its argument, which downloads it when it is not there yet,
 * and prints where its programs are, as JSON. {@link ./binaries.ts} runs it with a lock file that holds only
 * this platform's package: an import in the main program would download every platform that its lock names.
 *
 * @module
 */

const programs: Record<string, string> = await import(Deno.args[0]!);
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(programs)));
