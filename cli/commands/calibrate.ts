/** `npm run calibrate`: parses, measures, prints, exits. */
import { calibrate as measure } from '../../bench/calibrate/calibrate.ts';
import { passes } from '../../bench/calibrate/compare.ts';
import { driveUrl } from '../../bench/calibrate/drive-url.ts';
import { autocannonDriver } from '../../bench/calibrate/drivers/autocannon.ts';
import { closedDriver } from '../../bench/calibrate/drivers/closed.ts';
import { openDriver } from '../../bench/calibrate/drivers/open.ts';
import { wrkDriver } from '../../bench/calibrate/drivers/wrk.ts';
import { KINDS } from '../../bench/calibrate/kinds/registry.ts';
import { thisMachine } from '../../bench/calibrate/machine.ts';
import { CALIBRATION_VERSION, type Calibration, writeCalibration } from '../../bench/calibrate/store.ts';
import { calibrationText, driveText } from '../../bench/calibrate/table.ts';
import { findWrk } from '../../bench/processes/programs.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import type { Command } from '../command.ts';
import { CALIBRATE_FLAGS, type CalibrateOptions, readCalibrateOptions } from '../options/calibrate.ts';
import { noteWritten, print, printJson, printNote } from '../output.ts';
import { inFolder, writableFolder } from '../run-folder.ts';
import { versionHere } from '../version.ts';

export const calibrate: Command = {
  flags: CALIBRATE_FLAGS,
  examples: [
    { args: '', does: 'the error of the load generators, in about two minutes' },
    { args: '--url http://127.0.0.1:3000/ --rate 500', does: 'the latencies of any server on this machine' },
  ],
  notes: async () => ['The result is kept for 30 days, and every run records whether its machine was calibrated.'],
  stopsInOrder: true,
  async run(invocation) {
    const options = readCalibrateOptions(invocation);
    invocation.refuseFaults();
    if (options.does === 'calibrate') return runCalibration(options, invocation.signal);
    const report = await driveUrl(options, invocation.signal);
    if (options.json) printJson(report);
    else print(driveText(report));
    const succeeded = Object.keys(report.statuses).some((status) => Number(status) < 400);
    if (report.answered > 0 && !succeeded) printNote(NO_SUCCESS);
    return succeeded ? EXIT.done : EXIT.failed;
  },
};

const NO_SUCCESS = 'no request succeeded, so these are the times of errors: see the statuses, and check the URL';
const REPEATS = 3;
const BUDGET_SECONDS = 140;

/** @throws TollgateError before the measurement, if its result could not be written */
async function runCalibration(
  options: Extract<CalibrateOptions, { readonly does: 'calibrate' }>,
  signal: AbortSignal,
): Promise<ExitCode> {
  return inFolder(writableFolder(options.out), () => measureAndKeep(options, signal));
}

async function measureAndKeep(
  { rounds, out, json }: Extract<CalibrateOptions, { readonly does: 'calibrate' }>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const drivers = [openDriver, closedDriver, autocannonDriver, ...(findWrk() === null ? [] : [wrkDriver])];
  const found = await measure({
    kinds: KINDS,
    drivers,
    rounds,
    warmsUp: true,
    repeats: REPEATS,
    budgetSeconds: BUDGET_SECONDS,
    signal,
    onProgress: printNote,
  });
  const calibration: Calibration = {
    schemaVersion: CALIBRATION_VERSION,
    at: new Date().toISOString(),
    version: versionHere(),
    machine: thisMachine(),
    verdict: passes(found.rows) ? 'passed' : 'failed',
    rounds,
    ...found,
  };
  const path = await writeCalibration(out, calibration);
  if (json) printJson(calibration);
  else print(calibrationText(calibration));
  noteWritten(path);
  return calibration.verdict === 'passed' ? EXIT.done : EXIT.failed;
}
