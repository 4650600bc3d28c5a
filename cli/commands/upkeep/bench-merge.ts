/** `npm run bench:merge`: the time and memory of merging the shards of a full run, by this build or two in turns. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { EXIT, type ExitCode } from '../../../core/errors.ts';
import { readJournal } from '../../../core/results/journal.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { formatBytes } from '../../../core/text/format.ts';
import type { Command, FlagTable, Invocation } from '../../command.ts';
import { costOf, costOfNode } from '../../journal/cost.ts';
import { shardOf } from '../../journal/shard-of.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson, printNote } from '../../output.ts';
import { readInteger } from '../../parse/values.ts';
import { buildsWith, type Code, commandLineOf, HEAD, inWorkshop } from '../../report-times/base.ts';
import {
  cpuRatio,
  type Merge,
  MOST_BYTES,
  MOST_SECONDS,
  mergeExcesses,
  mergesText,
} from '../../report-times/merges.ts';
import type { Side } from '../../report-times/turns.ts';
import { ROOT } from '../../root.ts';
import { journalPath } from '../../run-folder.ts';

const SHARDS = 100;
const [LEAST_SHARDS, MOST_SHARDS] = [2, 1_000];
const TURNS = 3;
const [LEAST_TURNS, MOST_TURNS] = [2, 200];
const SEED = 1;
const RECORDED = join(ROOT, 'reports/testing/recorded/full.journal.jsonl.gz');

const FLAGS = {
  shards: { value: 'N', help: `Merge this many shards (default: ${SHARDS}).` },
  turns: { value: 'N', help: `Merge them this many times with each build (default: ${TURNS}).` },
  base: {
    value: 'REF',
    help: 'Compare with this branch, tag or commit, or the folder of a checkout with its packages (default: no other build).',
  },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** Writes the shards, each with its figures, as a run leaves them. @returns their folders */
async function makeShards(root: string, count: number, signal: AbortSignal): Promise<string[]> {
  const recorded = readJournal(gunzipSync(readFileSync(RECORDED)).toString()).lines;
  const folders: string[] = [];
  for (let index = 1; index <= count; index++) {
    const folder = join(root, `shard-${index}`);
    mkdirSync(folder);
    const lines = [...shardOf(recorded, { index, count })].map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(journalPath(folder), lines.join(''));
    await costOf(['report', folder], signal);
    folders.push(folder);
  }
  return folders;
}

interface Merging {
  readonly root: string;
  readonly shards: readonly string[];
  readonly builds: ReadonlyMap<Side, Code>;
  readonly signal: AbortSignal;
}

async function mergeOnce({ root, shards, builds, signal }: Merging, side: Side, turn: number): Promise<Merge> {
  const code = builds.get(side) ?? HEAD;
  const out = join(root, 'merged');
  const startedMs = performance.now();
  const args = [commandLineOf(code), 'merge', ...shards, '--out', out];
  const cost = await costOfNode(args, `the merge of ${side}`, signal, { execPath: code.execPath });
  const wallSeconds = (performance.now() - startedMs) / 1000;
  rmSync(out, { recursive: true });
  return { side, turn, wallSeconds, ...cost };
}

async function mergeInTurns(merging: Merging, turns: number): Promise<Merge[]> {
  const random = createRandom(SEED);
  const sides = [...merging.builds.keys()];
  // The first merge of each build keeps its compiled code.
  for (const side of sides) await mergeOnce(merging, side, 0);
  const merges: Merge[] = [];
  for (let turn = 0; turn < turns; turn++)
    for (const side of random.shuffle(sides)) merges.push(await mergeOnce(merging, side, turn));
  return merges;
}

async function run({ values, switches, faults, refuseFaults, signal }: Invocation): Promise<ExitCode> {
  const count = readInteger('shards', values.shards ?? String(SHARDS), LEAST_SHARDS, MOST_SHARDS, faults) ?? 0;
  const turns = readInteger('turns', values.turns ?? String(TURNS), LEAST_TURNS, MOST_TURNS, faults) ?? 0;
  refuseFaults();
  return inWorkshop('merge', signal, async (root, workshop) => {
    const builds = await buildsWith(values.base, workshop);
    printNote(`Making ${count} shards, which takes some two seconds each.`);
    const shards = await makeShards(root, count, signal);
    const merges = await mergeInTurns({ root, shards, builds, signal }, turns);
    const labels = Object.fromEntries([...builds].map(([side, { label }]) => [side, label]));
    const ratio = builds.has('base') ? cpuRatio(merges) : null;
    if (switches.has('json')) printJson({ shards: count, labels, merges, ratio });
    else print(mergesText(merges, labels));
    const found = count <= SHARDS ? mergeExcesses(merges) : [];
    for (const excess of found) printNote(excess);
    return found.length > 0 ? EXIT.failed : EXIT.done;
  });
}

export const benchMerge: Command = {
  flags: FLAGS,
  examples: [
    { args: '', does: `the merge of ${SHARDS} shards of a full run` },
    { args: '--shards 25 --base HEAD~1', does: 'a change against its parent, with fewer shards' },
  ],
  notes: async () => [
    `Fails if ${SHARDS} shards or fewer take more than ${MOST_SECONDS} s or ${formatBytes(MOST_BYTES)}.`,
    'Each shard repeats a recorded full run, with CPU times that vary as if measured anew. The shards are removed again.',
  ],
  stopsInOrder: true,
  run,
};
