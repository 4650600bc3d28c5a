/** `npm run bench`: reads what is asked, prepares, runs, rebuilds the figures from the journal, reports. */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { BROWSER } from '../../bench/experiments/browser/plan.ts';
import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { checkRedisUrl, useRedis } from '../../bench/fleet/redis/external.ts';
import { installedRedisVersion } from '../../bench/fleet/redis/own.ts';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import { describeArms, summaryOf } from '../../bench/run/arms.ts';
import { readEnvironment } from '../../bench/run/environment.ts';
import { writeHistograms } from '../../bench/run/histogram-files.ts';
import { replay } from '../../bench/run/replay.ts';
import { armsOf, prepareEnvironment, run } from '../../bench/run/run.ts';
import { EXIT, type ExitCode, TollgateError, usageError } from '../../core/errors.ts';
import { type ArmSummary, controlOf } from '../../core/results/arms.ts';
import { JournalWriter, readJournal } from '../../core/results/journal.ts';
import { writeRun } from '../../core/results/run-file.ts';
import { type JournalLine, type Run, type RunConfig, SCHEMA_VERSION } from '../../core/results/schema.ts';
import type { Threshold } from '../../core/thresholds/judge.ts';
import { renderTerminal } from '../../reports/exporters/terminal.ts';
import { readGateOf } from '../../reports/view/read.ts';
import { buildView } from '../../reports/view/view.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { type Asked, BENCH_FLAGS, benchHelp, readBenchFlags } from '../bench-flags.ts';
import { passGate } from '../bench-gate.ts';
import { checkThresholds, readThresholds } from '../bench-thresholds.ts';
import { commandLine } from '../command-line.ts';
import { parseFlags } from '../flags.ts';
import { freshFolder, journalPath, linkLatest, makeFolder, openRun, RESULTS, runIdAt } from '../folder.ts';
import { buildReport, setUp } from '../helpers.ts';
import { hasColour, ProgressLine, printError, printFaults, printNote } from '../terminal.ts';
import { checkWritable } from './compare.ts';

function summarise(arms: readonly ArmInfo[], config: RunConfig): ArmSummary[] {
  const summaries = arms.map(summaryOf);
  const baseline = summaries.find(({ role }) => role === 'baseline');
  return config.aa && baseline !== undefined ? [...summaries, controlOf(baseline)] : summaries;
}

/** The version that a run will use: of REDIS_URL, or of the installed server. Null where there is none. */
async function redisVersion(url: string | null): Promise<string | null> {
  if (url === null) return installedRedisVersion();
  const redis = await useRedis(url, 'tollgate:version:');
  await redis.stop();
  return redis.version;
}

interface Prepared {
  readonly directory: string;
  readonly config: RunConfig;
  readonly runId: string;
  readonly prior: readonly JournalLine[];
}

function prepare(asked: Asked): Prepared {
  if (asked.resume !== null) {
    const directory = resolve(asked.resume);
    const { header, lines } = openRun(directory, '--resume');
    return { directory, config: header.config, runId: header.runId, prior: lines };
  }
  const runId = runIdAt(new Date());
  const directory = asked.out === null ? freshFolder(runId) : resolve(asked.out);
  makeFolder(directory);
  return { directory, config: asked.config, runId, prior: [] };
}

/** @returns the exit code */
export async function benchCommand(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const parsed = parseFlags(args, BENCH_FLAGS);
  const arms = await describeArms();
  if (parsed.switches.has('help')) {
    process.stdout.write(benchHelp(arms));
    return EXIT.done;
  }
  const asked = readBenchFlags(parsed, arms, Math.floor(Math.random() * 2 ** 31));
  if (asked.faults.length > 0) {
    printFaults(asked.faults, 'npm run bench -- --help lists every flag');
    return EXIT.usage;
  }
  const thresholds = readThresholds(asked.configFile, arms);
  checkWritable('junit', asked.junit);
  const redisUrl = process.env.REDIS_URL || null;
  if (redisUrl !== null) checkRedisUrl(redisUrl);
  if (redisUrl !== null && asked.config.redis === 'cluster') {
    throw usageError(
      '--redis cluster starts nodes of its own, but REDIS_URL names a Redis',
      'unset REDIS_URL, or leave out --redis cluster',
    );
  }
  const prepared = { ...prepare(asked), thresholds };
  return measure(asked, prepared, arms, args, redisUrl, signal);
}

async function measure(
  asked: Asked,
  prepared: Prepared & { readonly thresholds: readonly Threshold[] },
  arms: readonly ArmInfo[],
  args: readonly string[],
  redisUrl: string | null,
  signal: AbortSignal,
): Promise<ExitCode> {
  const started = performance.now();
  const { directory, config, runId, prior } = prepared;
  const experiments = EXPERIMENTS.filter(({ name }) => config.experiments.includes(name));
  const used = arms.filter((arm) =>
    experiments.some((experiment) => armsOf(experiment, { arms, config }).includes(arm)),
  );
  const needsRedis = used.some(({ usesRedis }) => usesRedis) || experiments.some((experiment) => experiment.usesRedis);
  await setUp({ redis: needsRedis, chromium: experiments.some(({ name }) => name === BROWSER) }, signal);

  const { janitor, shares } = await prepareEnvironment();
  const journal = JournalWriter.open(journalPath(directory));
  const cpuShares = typeof shares === 'string' ? `none: ${shares}` : `control groups, version ${shares.version}`;
  const at = new Date().toISOString();
  if (prior.length === 0) {
    const environment = await readEnvironment(await redisVersion(redisUrl), cpuShares, RESULTS);
    journal.append({
      kind: 'run',
      schemaVersion: SCHEMA_VERSION,
      runId,
      startedAt: at,
      commandLine: commandLine('bench', args),
      config,
      environment,
      arms: summarise(used, config),
    });
  } else journal.append({ kind: 'resumed', at, commandLine: commandLine('bench', args) });
  if (typeof shares === 'string') {
    journal.append({ kind: 'note', text: `Replicas run without CPU shares: ${shares}.` });
  }
  if (redisUrl !== null) {
    const text = 'The Redis at REDIS_URL is used: the traffic of others, if any, is inside its figures.';
    journal.append({ kind: 'note', text });
    printNote(text);
  }

  const progress = new ProgressLine();
  // One set for the gate and the run, so that the keys which are judged are those of the servers that are timed.
  const secrets = await makeSecrets();
  const environment = { janitor, redisUrl, runId, secrets };
  const failedGate = await passGate({
    environment,
    arms: used,
    directory,
    journal,
    progress,
    unsafe: asked.unsafe,
    signal,
  });
  const outcome = await run({
    config,
    experiments,
    arms: asked.unsafe ? arms : arms.filter(({ name }) => !failedGate.includes(name)),
    runId,
    secrets,
    directory,
    redisUrl,
    cores: availableParallelism(),
    journal,
    prior,
    janitor,
    shares: typeof shares === 'string' ? null : shares,
    signal,
    onProgress: (experiment, { step, live }, secondsLeft) => progress.update(experiment, step, live, secondsLeft),
    onFailure: (_experiment, error) => {
      progress.clear();
      printError(error);
    },
  });
  progress.clear();
  journal.append({
    kind: 'run-ended',
    at: new Date().toISOString(),
    interrupted: outcome.interrupted,
    seconds: (performance.now() - started) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  });
  journal.close();
  await janitor.finish();
  const { figures } = await finish(asked, directory, (performance.now() - started) / 1000);
  const broken = checkThresholds(prepared.thresholds, figures, asked.junit);
  if (outcome.interrupted) {
    printNote(`Interrupted: what was measured is kept. Go on with: npm run bench -- --resume ${shown(directory)}`);
    return EXIT.interrupted;
  }
  const [failure] = outcome.failed;
  if (!failure) return failedGate.length + broken === 0 ? EXIT.done : EXIT.failed;
  return failure.error instanceof TollgateError ? failure.error.exitCode : EXIT.failed;
}

const shown = (directory: string) => relative(process.cwd(), directory) || '.';

/** Figures and reports, from the journal alone. */
export async function rebuild(directory: string): Promise<Run> {
  const journal = readJournal(readFileSync(journalPath(directory), 'utf8'));
  const result = replay(journal);
  writeRun(directory, result);
  writeHistograms(directory, journal.lines);
  await buildReport(directory);
  return result;
}

async function finish(asked: Asked, directory: string, seconds: number): Promise<Run> {
  const result = await rebuild(directory);
  linkLatest(directory);
  if (asked.json) process.stdout.write(`${JSON.stringify({ directory: shown(directory), ...result })}\n`);
  else {
    process.stdout.write(
      renderTerminal(buildView(result, readGateOf(directory)), {
        colour: hasColour(process.stdout),
        width: process.stdout.columns ?? 80,
        directory: shown(directory),
      }),
    );
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    printNote(`Measured in ${Math.round(seconds)} s; the bench process itself took at most ${peak} MB of memory.`);
  }
  return result;
}
