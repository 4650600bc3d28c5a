/** `npm run bench:report`: the CPU time of a report from run.json, by this build and an older one in turns. */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode } from '../../../core/errors.ts';
import { readRun } from '../../../core/results/run-file.ts';
import type { Command, FlagTable, Invocation } from '../../command.ts';
import { costOfNode } from '../../journal/cost.ts';
import { FIRST_BASE } from '../../options/precision.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson, printNote } from '../../output.ts';
import { readInteger } from '../../parse/values.ts';
import { baseOf, type Code, HEAD, inWorkshop } from '../../report-times/base.ts';
import { orders, outcomeOf, ratioOf, SIDES, type Side, type Turn, textOf } from '../../report-times/turns.ts';

const TURNS = 10;
const [LEAST_TURNS, MOST_TURNS] = [3, 200];
/** The largest ratio that is wanted to the build before the targets. */
const MOST_RATIO = 0.5;
const SEED = 1;
const BUILD_ONCE = fileURLToPath(new URL('../../report-times/build-once.ts', import.meta.url));
/** In each checkout: a run that its own version made. */
const SAMPLE = 'reports/sample';

const FLAGS = {
  base: {
    value: 'REF',
    help: `Compare with this branch, tag or commit, or the folder of a checkout with its packages (default: ${FIRST_BASE}).`,
  },
  run: {
    value: 'DIR',
    help: 'Build the report of this run, which both builds can read (default: the sample of the base).',
  },
  turns: { value: 'N', help: `Build it this many times with each build (default: ${TURNS}).` },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** A folder for each build, with the same `run.json` and `gate.json`, since a report is written beside them. */
function copies(from: string, folder: string): Record<Side, string> {
  const copy = (side: Side) => {
    const to = join(folder, side);
    mkdirSync(to);
    for (const name of ['run.json', 'gate.json'])
      if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
    return to;
  };
  return { head: copy('head'), base: copy('base') };
}

async function inTurns(count: number, build: (side: Side) => Promise<number>): Promise<Turn[]> {
  // The first report of each keeps its compiled code.
  for (const side of SIDES) await build(side);
  const turns: Turn[] = [];
  for (const order of orders(count, SEED)) {
    const seconds = new Map<Side, number>();
    for (const side of order) seconds.set(side, await build(side));
    turns.push({ head: seconds.get('head') ?? Number.NaN, base: seconds.get('base') ?? Number.NaN });
  }
  return turns;
}

async function run({ values, switches, faults, refuseFaults, signal }: Invocation): Promise<ExitCode> {
  const count = readInteger('turns', values.turns ?? String(TURNS), LEAST_TURNS, MOST_TURNS, faults) ?? 0;
  refuseFaults();
  return inWorkshop('report-times', signal, async (folder, workshop) => {
    const base = await baseOf(values.base ?? FIRST_BASE, workshop);
    const code: Record<Side, Code> = { head: HEAD, base };
    const source = values.run === undefined ? join(base.directory, SAMPLE) : resolve(values.run);
    const { figures, arms } = readRun(source);
    const runs = copies(source, folder);
    const turns = await inTurns(count, async (side) => {
      const { directory, execPath } = code[side];
      const args = [BUILD_ONCE, directory, runs[side]];
      return (await costOfNode(args, `the report of ${side}`, signal, { execPath })).cpuSeconds;
    });
    const ratio = ratioOf(turns);
    const outcome = outcomeOf(ratio, MOST_RATIO);
    const labels = { head: HEAD.label, base: base.label };
    if (switches.has('json')) printJson({ ...labels, run: source, turns, ratio, most: MOST_RATIO, outcome });
    else print(textOf(turns, labels));
    printNote(`Both built the report of the same run: ${figures.length} figures of ${arms.length} arms.`);
    printNote(`Target: at most ${MOST_RATIO}×: ${outcome}.`);
    return outcome === 'missed' ? EXIT.failed : EXIT.done;
  });
}

export const benchReport: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: 'this build against the one before the targets' },
    { args: '--base HEAD~1 --turns 30', does: 'a change against its parent, with a narrower interval' },
  ],
  notes: async () => [
    `Fails if the whole interval of the ratio lies above ${MOST_RATIO}. CPU time is compared, so the machine may be shared.`,
    'Each build reads the same run.json, in a process of its own that has built a report before.',
  ],
  stopsInOrder: true,
  run,
};
