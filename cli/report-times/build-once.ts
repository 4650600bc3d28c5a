/**
 * Process entry: builds the report of a run with the code of a folder, which may be of another version, as its own command
 * would: `node build-once.ts CODE RUN`.
 */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Call = (...given: readonly unknown[]) => unknown;
type Exports = Readonly<Record<string, Call | undefined>>;

const [, , code = '', run = ''] = process.argv;
const load = (file: string): Promise<Exports> => import(pathToFileURL(join(code, file)).href);
const has = (file: string) => existsSync(join(code, file));

// The first versions kept no compiled code.
if (has('core/compile-cache.ts')) {
  const { compileCache } = await load('core/compile-cache.ts');
  enableCompileCache(String(compileCache?.()));
}
const { buildReport, writeReport } = await load('reports/build.ts');
if (buildReport !== undefined) await buildReport(run);
else {
  const { readRun } = await load('core/results/run-file.ts');
  const { readGate } = await load('core/results/gate-file.ts');
  if (writeReport === undefined || readRun === undefined || readGate === undefined)
    throw new Error(`${code} makes reports in a way that is not known here: choose another commit`);
  await writeReport(run, readRun(run), readGate(run));
}
