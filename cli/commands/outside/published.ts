/** `npm run published`: replays the methods of published benchmarks, and compares our figures with theirs. */
import { arch, cpus, loadavg, type as system } from 'node:os';
import { join } from 'node:path';
import { Janitor } from '../../../bench/processes/janitor.ts';
import { readUsableCores } from '../../../bench/processes/usable-cores.ts';
import { writeAtomically } from '../../../core/atomic-file.ts';
import { EXIT, thenEnding } from '../../../core/errors.ts';
import { formatSeconds } from '../../../core/text/format.ts';
import type { PublishedBenchmark } from '../../../published/benchmark.ts';
import { FINDINGS, type Finding } from '../../../published/finding.ts';
import { MEASURED_FILE, type Measured } from '../../../published/measured.ts';
import { ANSWERS, agreement, findingText, publishedText } from '../../../published/page.ts';
import { PUBLISHED, replaysOf } from '../../../published/registry.ts';
import { REPLAYS } from '../../../published/replays/registry.ts';
import type { Command } from '../../command.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { readStoreServer, STORE_SERVER, type StoreChoice, storeOf } from '../../options/store-server.ts';
import { noteWritten, print, printJson, printNote } from '../../output.ts';
import { checkoutFor } from '../../package/needs-checkout.ts';
import { readNames, readSeed } from '../../parse/values.ts';
import { ROOT } from '../../root.ts';

const NAMES = PUBLISHED.map(({ name }) => name);
const DEFAULT_SEED = '1';

const howReplayed = ({ replay }: PublishedBenchmark) => ('by' in replay ? replay.by : 'not replayed');

function listText(): string {
  const width = Math.max(...NAMES.map((name) => name.length)) + 2;
  return PUBLISHED.map((one) => {
    const ahead = one.winner === 'neither' ? '' : `, ahead: the ${one.winner}`;
    return `${one.name.padEnd(width)}${howReplayed(one).padEnd(14)}${one.title} (${one.by}${ahead})`;
  }).join('\n');
}

function textOf(benchmarks: readonly PublishedBenchmark[], findings: readonly Finding[]): string {
  const found = findings.map((one) => `  ${FINDINGS[one.name].what}: ${findingText(one)}`);
  const own = found.length === 0 ? [] : [['Found here:', ...found].join('\n')];
  return [...benchmarkTexts(benchmarks, findings), ...own].join('\n\n');
}

function benchmarkTexts(benchmarks: readonly PublishedBenchmark[], findings: readonly Finding[]): string[] {
  return benchmarks.map((one) => {
    const { name, title, by, figures, replay, lesson } = one;
    const lines = figures.map((figure) => {
      const found = findings.find((each) => each.name === figure.askedHere);
      const agrees = found === undefined ? null : agreement(figure, found);
      const here = found === undefined ? '' : `; here ${findingText(found)}`;
      return `  ${figure.what}: published ${publishedText(figure)}${here}${agrees === null ? '' : ` (same side of 1: ${ANSWERS[agrees]})`}`;
    });
    const note = 'by' in replay ? [] : [`  Not replayed: ${replay.notReplayed}`];
    return [`${name}: ${title} (${by})`, ...lines, ...note, `  ${lesson.replaceAll('`', '')}`].join('\n');
  });
}

async function measure(
  benchmarks: readonly PublishedBenchmark[],
  seed: number,
  store: StoreChoice,
  signal: AbortSignal,
): Promise<Measured> {
  const [loadAverage = 0] = loadavg();
  const at = new Date();
  const replays = replaysOf(benchmarks).map((name) => REPLAYS[name]);
  const planned = replays.reduce((sum, { seconds }) => sum + seconds, 0);
  if (replays.length > 0)
    printNote(`${replays.map(({ name }) => name).join(', ')}: in about ${formatSeconds(planned)}`);
  const janitor = await Janitor.start();
  return thenEnding(
    async () => {
      const findings: Finding[] = [];
      for (const replay of replays) {
        signal.throwIfAborted();
        findings.push(...(await replay.run({ janitor, ...store, seed, signal, onStep: printNote })));
      }
      const cpu = cpus()[0]?.model.trim() ?? 'unknown';
      const machine = {
        cpu,
        cores: readUsableCores().count,
        platform: `${system()} ${arch()}`,
        node: process.versions.node,
      };
      return {
        at: at.toISOString(),
        machine,
        loadAverage,
        seed,
        seconds: (Date.now() - at.getTime()) / 1000,
        findings,
      };
    },
    () => janitor.finish(),
  );
}

/** Loaded lazily: the pages import the whole repository. */
async function write(measured: Measured): Promise<void> {
  const { writePublished } = await import('../../docs/published.ts');
  writeAtomically(join(ROOT, MEASURED_FILE), `${JSON.stringify(measured, null, 2)}\n`);
  noteWritten(`${MEASURED_FILE} and ${writePublished()}`);
}

export const published: Command = {
  flags: {
    only: { value: 'LIST', help: 'Repeat only these benchmarks (default: all).' },
    list: { help: 'List the benchmarks, and run nothing.' },
    write: { help: 'Also save the figures and update docs/published.md; needs all benchmarks.' },
    seed: { value: 'N', help: `Make every random order repeatable (default: ${DEFAULT_SEED}).` },
    ...STORE_SERVER,
    json: JSON_OUTPUT,
  },
  examples: [
    { args: '', does: 'every benchmark, in about three minutes' },
    { args: '--list', does: 'the benchmarks, and the winner in each source' },
    { args: '--only okta-size', does: 'one benchmark, in a few seconds' },
  ],
  notes: async () => [
    'A replay repeats a method on the servers of Tollgate. Rates of two machines are not compared; ratios are.',
  ],
  async run({ values, switches, faults, refuseFaults, signal }) {
    readStoreServer({ values, faults });
    if (switches.has('write') && values['store-server'] !== undefined)
      faults.push('--write keeps the figures of the usual Redis: leave out --store-server');
    const only = values.only === undefined ? null : readNames('only', values.only, NAMES, faults);
    const seed = readSeed(values.seed ?? DEFAULT_SEED, faults);
    if (switches.has('write') && (only !== null || switches.has('list'))) {
      faults.push('--write needs all benchmarks: omit --only and --list');
    }
    refuseFaults();
    const benchmarks = PUBLISHED.filter(({ name }) => only === null || only.includes(name));
    if (switches.has('list')) {
      if (switches.has('json')) printJson({ benchmarks });
      else print(listText());
      return EXIT.done;
    }
    if (switches.has('write')) checkoutFor('published --write');
    const measured = await measure(benchmarks, seed, await storeOf({ values }), signal);
    if (switches.has('write')) await write(measured);
    if (switches.has('json')) printJson({ ...measured, benchmarks });
    else print(textOf(benchmarks, measured.findings));
    return EXIT.done;
  },
};
