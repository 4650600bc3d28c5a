/** `npm run bench:journal`: the cost of the report of a very long run, and whether it grows faster than the run. */
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EXIT, type ExitCode } from '../../../core/errors.ts';
import { readJournal } from '../../../core/results/journal.ts';
import type { JournalLine } from '../../../core/results/schema.ts';
import { formatBytes, formatCount } from '../../../core/text/format.ts';
import type { Command, FlagTable, Invocation } from '../../command.ts';
import { costOfNode } from '../../journal/cost.ts';
import { repeated } from '../../journal/repeated.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson, printNote } from '../../output.ts';
import { readInteger } from '../../parse/values.ts';
import { buildsWith, type Code, commandLineOf, HEAD, inWorkshop } from '../../report-times/base.ts';
import {
  againstBase,
  excesses,
  growthOf,
  growthText,
  type Journal,
  type Measured,
  type Report,
  SIZES,
  type Size,
  turnsOf,
} from '../../report-times/growth.ts';
import type { Side } from '../../report-times/turns.ts';
import { ROOT } from '../../root.ts';
import { journalPath } from '../../run-folder.ts';

/** Twelve hours of the toll, at ten slices a second. */
const SLICES = 430_000;
const LEAST_SLICES = 2_000;
const MOST_SLICES = 10_000_000;
const TURNS = 5;
const [LEAST_TURNS, MOST_TURNS] = [2, 200];
/** The memory limit of a report with up to that many slices. */
const MOST_BYTES = 356e6;
/** The limit on CPU time for twice the slices: proportional, with a margin for noise. */
const MOST_GROWTH = 2.5;
const SEED = 1;
const RECORDED = join(ROOT, 'reports/testing/recorded/quick.journal.jsonl.gz');
const PIECE = 1_000;

const FLAGS = {
  slices: { value: 'N', help: `Make the longer of the two journals this long (default: ${SLICES}).` },
  turns: { value: 'N', help: `Make each report this many times (default: ${TURNS}).` },
  base: {
    value: 'REF',
    help: 'Compare with this branch, tag or commit, or the folder of a checkout with its packages (default: no other build).',
  },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

function writeJournal(path: string, lines: Iterable<JournalLine>): void {
  const file = openSync(path, 'w');
  try {
    let piece: string[] = [];
    const flush = () => {
      writeSync(file, piece.join(''));
      piece = [];
    };
    for (const line of lines) if (piece.push(`${JSON.stringify(line)}\n`) === PIECE) flush();
    flush();
  } finally {
    closeSync(file);
  }
}

/** One journal for both builds, each of which writes its report into a folder of its own. */
function makeJournal(folder: string, size: string, slices: number, sides: readonly Side[]): Journal {
  const recorded = readJournal(gunzipSync(readFileSync(RECORDED)).toString()).lines;
  const path = join(folder, `${size}.journal`);
  writeJournal(path, repeated(recorded, slices));
  for (const side of sides) {
    const directory = folderOf(folder, { side, size });
    mkdirSync(directory);
    linkSync(path, journalPath(directory));
  }
  return { slices, bytes: statSync(path).size };
}

const folderOf = (folder: string, { side, size }: { readonly side: Side; readonly size: string }) =>
  join(folder, `${side}-${size}`);

interface Measuring {
  readonly folder: string;
  readonly builds: ReadonlyMap<Side, Code>;
  readonly signal: AbortSignal;
}

async function costIn(folder: string, side: Side, { builds, signal }: Measuring) {
  const code = builds.get(side) ?? HEAD;
  const args = [commandLineOf(code), 'report', folder];
  return costOfNode(args, `the report of ${side}`, signal, { execPath: code.execPath });
}

async function measure(measuring: Measuring, turns: readonly (readonly Report[])[]): Promise<Measured[]> {
  const { folder, builds } = measuring;
  // The first report of each build keeps its compiled code.
  makeJournal(folder, 'first', LEAST_SLICES, [...builds.keys()]);
  for (const side of builds.keys()) await costIn(folderOf(folder, { side, size: 'first' }), side, measuring);
  const measured: Measured[] = [];
  for (const [turn, reports] of turns.entries())
    for (const report of reports)
      measured.push({ ...report, turn, ...(await costIn(folderOf(folder, report), report.side, measuring)) });
  return measured;
}

async function run({ values, switches, faults, refuseFaults, signal }: Invocation): Promise<ExitCode> {
  const slices = readInteger('slices', values.slices ?? String(SLICES), LEAST_SLICES, MOST_SLICES, faults) ?? 0;
  const count = readInteger('turns', values.turns ?? String(TURNS), LEAST_TURNS, MOST_TURNS, faults) ?? 0;
  refuseFaults();
  return inWorkshop('journal', signal, async (folder, workshop) => {
    const builds = await buildsWith(values.base, workshop);
    const sides = [...builds.keys()];
    const journals: Readonly<Record<Size, Journal>> = {
      half: makeJournal(folder, 'half', Math.floor(slices / 2), sides),
      whole: makeJournal(folder, 'whole', slices, sides),
    };
    const measured = await measure({ folder, builds, signal }, turnsOf(count, sides, SEED));
    const labels = Object.fromEntries([...builds].map(([side, { label }]) => [side, label]));
    const growth = Object.fromEntries(sides.map((side) => [side, growthOf(measured, side)]));
    const ratios = builds.has('base')
      ? Object.fromEntries(SIZES.map((size) => [size, againstBase(measured, size)]))
      : null;
    if (switches.has('json')) printJson({ journals, labels, measured, growth, ratios });
    else print(growthText(measured, journals, labels));
    const found = excesses(measured, { growth: MOST_GROWTH, bytes: slices <= SLICES ? MOST_BYTES : null });
    for (const excess of found) printNote(excess);
    return found.length > 0 ? EXIT.failed : EXIT.done;
  });
}

export const benchJournal: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: `the report of ${formatCount(SLICES)} slices, and of half as many` },
    { args: '--slices 40000 --base HEAD~1', does: 'a change against its parent, with shorter journals' },
  ],
  notes: async () => [
    `Fails if twice the slices take more than ${MOST_GROWTH} times the CPU time, or the report of ${formatCount(SLICES)} slices or fewer more than ${formatBytes(MOST_BYTES)}.`,
    'Each report is made several times, in turns. The least CPU times are compared, since other processes only add to them.',
    'The journals repeat a recorded quick run in later blocks, and are removed again.',
  ],
  stopsInOrder: true,
  run,
};
