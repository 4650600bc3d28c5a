/** `npm run bench:journal`: the cost of the report of a very long run, and whether it grows faster than the run. */
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EXIT } from '../../../core/errors.ts';
import { readJournal } from '../../../core/results/journal.ts';
import type { JournalLine } from '../../../core/results/schema.ts';
import { formatCount, formatFixed } from '../../../core/text/format.ts';
import type { Command, FlagTable } from '../../command.ts';
import { type Cost, costOf } from '../../journal/cost.ts';
import { repeated } from '../../journal/repeated.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson, printNote } from '../../output.ts';
import { readInteger } from '../../parse/values.ts';
import { journalPath } from '../../run-folder.ts';

/** Twelve hours of the toll, at ten slices a second. */
const SLICES = 430_000;
const LEAST_SLICES = 2_000;
const MOST_SLICES = 10_000_000;
/** The memory limit of a report with up to that many slices. */
const MOST_BYTES = 340 * 2 ** 20;
/** The limit on CPU time for twice the slices: proportional, with a margin for noise. */
const MOST_GROWTH = 2.5;
const RECORDED = new URL('../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url);
const PIECE = 1_000;

const FLAGS = {
  slices: { value: 'N', help: `Make the longer of the two journals this long (default: ${SLICES}).` },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

interface Row extends Cost {
  readonly slices: number;
  readonly journalBytes: number;
}

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

async function measure(folder: string, recorded: readonly JournalLine[], slices: number, signal: AbortSignal) {
  const directory = join(folder, String(slices));
  mkdirSync(directory);
  try {
    writeJournal(journalPath(directory), repeated(recorded, slices));
    const journalBytes = statSync(journalPath(directory)).size;
    return { slices, journalBytes, ...(await costOf(['report', directory], signal)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const MEGA = 2 ** 20;

function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ slices, journalBytes, cpuSeconds, peakRssBytes }) => [
    formatCount(slices),
    `${formatFixed(journalBytes / MEGA, 0)} MB`,
    `${formatFixed(cpuSeconds, 1)} s`,
    `${formatFixed(peakRssBytes / MEGA, 0)} MB`,
  ]);
  const line = (row: readonly string[]) => row.map((cell) => cell.padStart(12)).join('');
  return [['slices', 'journal', 'CPU time', 'peak memory'], ...cells].map(line).join('\n');
}

export const benchJournal: Command = {
  flags: FLAGS,
  examples: [{ args: '', does: `the report of ${formatCount(SLICES)} slices, and of half as many` }],
  notes: async () => [
    `Fails if twice the slices take more than ${MOST_GROWTH} times the CPU time, or the report of ${formatCount(SLICES)} slices or fewer more than ${MOST_BYTES / MEGA} MB.`,
    'The journals repeat a recorded quick run in later blocks, and are removed again.',
  ],
  stopsInOrder: true,
  async run({ values, switches, faults, refuseFaults, signal }) {
    const slices = readInteger('slices', values.slices ?? String(SLICES), LEAST_SLICES, MOST_SLICES, faults) ?? 0;
    refuseFaults();
    const recorded = readJournal(gunzipSync(readFileSync(RECORDED)).toString()).lines;
    const folder = mkdtempSync(join(tmpdir(), 'tollgate-journal-'));
    try {
      const half = await measure(folder, recorded, Math.floor(slices / 2), signal);
      const whole = await measure(folder, recorded, slices, signal);
      const growth = { cpu: whole.cpuSeconds / half.cpuSeconds, memory: whole.peakRssBytes / half.peakRssBytes };
      if (switches.has('json')) printJson({ rows: [half, whole], growth });
      else {
        print(tableOf([half, whole]));
        print(
          `Twice the slices take ${formatFixed(growth.cpu, 2)}× the CPU time, ${formatFixed(growth.memory, 2)}× the memory.`,
        );
      }
      const grows = growth.cpu > MOST_GROWTH;
      const isLarge = slices <= SLICES && whole.peakRssBytes > MOST_BYTES;
      if (grows) printNote(`CPU time grows faster than the journal: more than ${MOST_GROWTH}× for twice the slices`);
      if (isLarge) printNote(`the report takes more than ${MOST_BYTES / MEGA} MB`);
      return grows || isLarge ? EXIT.failed : EXIT.done;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
