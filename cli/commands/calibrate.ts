/** `npm run calibrate`: parses, runs, prints, exits. */
import { readFile } from 'node:fs/promises';
import { calibrate } from '../../bench/calibrate/calibrate.ts';
import { passes } from '../../bench/calibrate/compare.ts';
import { driveUrl } from '../../bench/calibrate/drive-url.ts';
import { autocannonDriver } from '../../bench/calibrate/drivers/autocannon.ts';
import { closedDriver } from '../../bench/calibrate/drivers/closed.ts';
import { openDriver } from '../../bench/calibrate/drivers/open.ts';
import { wrkDriver, wrkIsInstalled } from '../../bench/calibrate/drivers/wrk.ts';
import { KINDS } from '../../bench/calibrate/kinds/registry.ts';
import { thisMachine } from '../../bench/calibrate/machine.ts';
import { type Calibration, writeCalibration } from '../../bench/calibrate/store.ts';
import { calibrationText, driveText } from '../../bench/calibrate/table.ts';
import { EXIT, type ExitCode, messageOf, TollgateError } from '../../core/errors.ts';
import { type Command, HELP, parseCommand } from './calibrate-flags.ts';

const REPEATS = 3;
const BUDGET_SECONDS = 140;

async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return String(manifest.version);
}

async function runCalibration(
  { rounds, out, json }: Extract<Command, { readonly do: 'calibrate' }>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const drivers = [openDriver, closedDriver, autocannonDriver, ...(wrkIsInstalled() ? [wrkDriver] : [])];
  const onProgress = (line: string) => process.stderr.write(`${line}\n`);
  const found = await calibrate({
    kinds: KINDS,
    drivers,
    rounds,
    warmsUp: true,
    repeats: REPEATS,
    budgetSeconds: BUDGET_SECONDS,
    signal,
    onProgress,
  });
  const calibration: Calibration = {
    schemaVersion: 2,
    at: new Date().toISOString(),
    version: await version(),
    machine: thisMachine(),
    verdict: passes(found.rows) ? 'passed' : 'failed',
    rounds,
    ...found,
  };
  const path = await writeCalibration(out, calibration);
  process.stdout.write(json ? `${JSON.stringify(calibration)}\n` : calibrationText(calibration));
  process.stderr.write(`written to ${path}\n`);
  return calibration.verdict === 'passed' ? EXIT.done : EXIT.failed;
}

async function runCommand(command: Command, signal: AbortSignal): Promise<ExitCode> {
  if (command.do === 'help') {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  if (command.do === 'calibrate') return runCalibration(command, signal);
  const report = await driveUrl(command, signal);
  process.stdout.write(command.json ? `${JSON.stringify(report)}\n` : driveText(report));
  return report.answered > 0 ? EXIT.done : EXIT.failed;
}

async function main(words: readonly string[]): Promise<ExitCode> {
  const command = parseCommand(words);
  if ('faults' in command) {
    for (const fault of command.faults) process.stderr.write(`calibrate: ${fault}\n`);
    return EXIT.usage;
  }
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  try {
    return await runCommand(command, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted) {
      process.stderr.write('calibrate: interrupted\n');
      return EXIT.interrupted;
    }
    const hint = error instanceof TollgateError ? ` (${error.hint})` : '';
    process.stderr.write(`calibrate: ${messageOf(error)}${hint}\n`);
    return error instanceof TollgateError ? error.exitCode : EXIT.failed;
  }
}

process.exitCode = await main(process.argv.slice(2));
