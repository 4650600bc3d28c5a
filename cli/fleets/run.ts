/** `npm run bench -- --fleet …`: a run with shards measured in containers, merged like shards of machines. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeArms } from '../../bench/run/arms.ts';
import { planTime } from '../../bench/run/budget.ts';
import { needsOf } from '../../bench/run/recorded-run.ts';
import { writeAtomically } from '../../core/atomic-file.ts';
import { type ExitCode, environmentError } from '../../core/errors.ts';
import { JournalWriter } from '../../core/results/journal.ts';
import type { Invocation } from '../command.ts';
import { mergeFolders } from '../commands/shards/merge.ts';
import { readBenchOptions } from '../options/bench.ts';
import { readFleet } from '../options/fleet.ts';
import { printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { checkWritable } from '../report-file.ts';
import { ROOT } from '../root.ts';
import { inFolder, journalPath, newFolder, runIdAt, shownFolder } from '../run-folder.ts';
import { readConfigOf } from '../thresholds.ts';
import { typedCommand } from '../typed-command.ts';
import { runComposeFleet } from './compose.ts';
import { runKubernetesFleet } from './kubernetes.ts';
import { benchArguments, fleetFaults, MEASURABLE } from './plan.ts';
import type { FleetRun, MeasuredShard } from './shapes.ts';

/** The checks of one arm, in a container with a share of a core. */
const GATE_SECONDS_PER_ARM = 20;

export async function benchInContainers(invocation: Invocation): Promise<ExitCode> {
  const { values, switches, faults, refuseFaults, signal } = invocation;
  const arms = await describeArms();
  const fleet = readFleet(invocation);
  const experiments = values.experiments ?? MEASURABLE[0];
  const options = readBenchOptions({ ...invocation, values: { ...values, experiments } }, arms);
  const { config } = options;
  readConfigOf({ file: options.configFile, strict: options.strict, command: 'bench' }, arms, faults);
  checkWritable('junit', options.junit, faults);
  const used = needsOf(config, arms).used;
  faults.push(...fleetFaults(fleet, config, used));
  refuseFaults();
  if (!existsSync(join(ROOT, 'deploy'))) {
    throw environmentError('--fleet needs the folder deploy/ of the repository', 'run it in a checkout of Tollgate');
  }
  const measuring = planTime(needsOf(config, arms).experiments, { arms, config });
  const seconds = measuring.reduce((sum, { expectedSeconds }) => sum + expectedSeconds, 0);
  const folder = newFolder(options.out, `${runIdAt(new Date())}-${fleet.platform}`);
  const { directory } = folder;
  const folders: string[] = [];
  const progress = new ProgressLine();
  const run: FleetRun = {
    fleet,
    config,
    arms: used,
    arguments: benchArguments(config, used, { unsafe: switches.has('unsafe') }),
    measureSeconds: seconds + used.length * GATE_SECONDS_PER_ARM,
    signal,
    onMeasured: (shard) => void folders.push(keep(directory, shard)),
    onProgress: (step) => progress.update(fleet.platform, step, undefined, seconds),
    onNote: (text) => progress.interrupt(() => printNote(text)),
  };
  return inFolder(folder, async () => {
    try {
      await (fleet.platform === 'kubernetes' ? runKubernetesFleet(run) : runComposeFleet(run));
    } catch (error) {
      progress.clear();
      if (folders.length > 0) {
        const merge = typedCommand('merge', ['--allow-missing', ...folders.map(shownFolder)]);
        printNote(`Measured shards are kept. Merge them: ${merge}`);
      }
      throw error;
    }
    progress.clear();
    return mergeFolders('bench', { ...invocation, values: { ...values, out: directory } }, folders);
  });
}

/** @returns the folder of a shard, next to that of the merged run */
function keep(directory: string, { shard, files, notes }: MeasuredShard): string {
  const folder = join(directory, 'shards', String(shard));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeAtomically(join(folder, name), text);
  if (notes.length > 0) {
    const journal = JournalWriter.open(journalPath(folder));
    for (const text of notes) journal.append({ kind: 'note', text });
    journal.close();
  }
  return folder;
}
