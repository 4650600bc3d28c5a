/** `npm run advise`: which arm meets given needs, according to the figures of a run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { advise } from '../../core/advise/advise.ts';
import { costOf } from '../../core/advise/cost.ts';
import { flipsOf } from '../../core/advise/flips.ts';
import { evidenceOf } from '../../core/advise/from-run.ts';
import { carries } from '../../core/advise/inverse.ts';
import { assumptionsOf, type Plan, planFor } from '../../core/advise/plan/plan.ts';
import type { PriceList } from '../../core/advise/plan/prices.ts';
import { EXIT, type ExitCode, usageError } from '../../core/errors.ts';
import type { Run } from '../../core/results/schema.ts';
import { knownArms } from '../advise/known-arms.ts';
import { planText } from '../advise/plan-text.ts';
import { readReferenceQuickly, readRunQuickly } from '../advise/read-run.ts';
import { type Answer, adviceText, type TextOptions } from '../advise/text.ts';
import type { Command, Invocation } from '../command.ts';
import { ADVISE_FLAGS, readAdviseOptions, readLoads, readNeeds, readPriceList } from '../options/advise.ts';
import { noteWritten, print, printJson, printNote, textWidth } from '../output.ts';
import { readInteger } from '../parse/values.ts';
import { checkWritable } from '../report-file.ts';
import { LATEST } from '../root.ts';

const MOST_REPLICAS = 1_000_000;

interface Measured {
  readonly run: Run;
  /** Whether this is the reference run, which comes with the package. */
  readonly reference: boolean;
}

/** @throws TollgateError if no run is found */
async function measuredRun(given: string | null): Promise<Measured> {
  if (given !== null) return { run: await readRunQuickly(given), reference: false };
  if (existsSync(join(LATEST, 'run.json'))) return { run: await readRunQuickly(LATEST), reference: false };
  const kept = await readReferenceQuickly();
  if (kept !== null) return { run: kept, reference: true };
  throw usageError(`no run found in ${LATEST}`, 'measure one with npm run bench, or name one with --run DIR');
}

export const adviseCommand: Command = {
  flags: ADVISE_FLAGS,
  examples: [
    { args: '', does: 'asks for the requirements, if it runs in a terminal' },
    { args: '--users 2e6 --rps 40000 --revoke-within 5s --clients browser,api', does: 'the answer at once' },
    {
      args: '--clients api --prices 30,200,0.05 --budget 2000 --p99 20ms',
      does: 'ranked by price, with the load that the budget allows',
    },
    {
      args: '--prices prices.json --at 1e5,1e6,1e7',
      does: 'hosts, network, Redis shards and cost at these loads, from a model',
    },
    {
      args: '--revoke-within 0 --adr docs/adr/0001-authentication.md',
      does: 'writes a decision record with limits for CI',
    },
  ],
  notes: async () => [
    'Ranks by the paired comparison of CPU time, or by price if --prices is given. Arms without a significant difference',
    'share a rank. Capacity is extrapolated from service demands, and latency comes from a model.',
    'Exits with 1 if no arm of the run meets the requirements.',
  ],
  stopsInOrder: true,
  run: runAdvise,
};

async function runAdvise({ values, switches, faults, refuseFaults, signal }: Invocation): Promise<ExitCode> {
  const replicas =
    values.replicas === undefined ? null : readInteger('replicas', values.replicas, 1, MOST_REPLICAS, faults);
  const prices = await readPriceList(values.prices, faults);
  const loads = readLoads(values.at, prices, faults);
  let needs = readNeeds(values, faults, prices);
  const { run: given, adr, json, hasNeeds } = readAdviseOptions({ values, switches }, replicas);
  checkWritable('adr', adr, faults);
  if (adr !== null && existsSync(adr)) faults.push(`--adr: ${adr} exists and is not overwritten: choose another file`);
  refuseFaults();
  const measured = await measuredRun(given);
  const run = evidenceOf(measured.run, { known: knownArms(), reference: measured.reference });
  if (!hasNeeds && process.stdin.isTTY) {
    const { askNeeds } = await import('../advise/questions.ts');
    const answers = await askNeeds({ input: process.stdin, output: process.stderr }, signal);
    if (answers === null) return EXIT.interrupted;
    needs = readNeeds(answers, faults);
    refuseFaults();
  } else if (!hasNeeds)
    printNote('No requirements were given, so the defaults apply: npm run advise -- --help lists them.');
  const advice = advise(run, needs);
  const wantsLoad = replicas !== null || needs.budget !== null;
  const answer: Answer = {
    run,
    needs,
    advice,
    flips: flipsOf(run, needs, advice.first),
    carries: run.arms.flatMap((arm) => {
      const fits = advice.ranked.some(({ name }) => name === arm.name);
      const load = wantsLoad && fits ? carries(arm, run, needs, replicas) : null;
      return load === null ? [] : [{ name: arm.name, load }];
    }),
  };
  await writeRecord(answer, adr);
  const plans = prices === null ? [] : plansOf(answer, prices, loads);
  if (json) {
    const plan = prices === null ? {} : { plan: { source: 'model', prices, assumptions: assumptionsOf(needs), plans } };
    printJson({ run: identity(answer), needs, ...advice, flips: answer.flips, carries: answer.carries, ...plan });
  } else {
    const shown: TextOptions = {
      width: textWidth(),
      paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    };
    print(adviceText(answer, shown));
    if (prices !== null) print(planText(plans, { needs, prices }, shown));
  }
  if (adr !== null && advice.first.length > 0) noteWritten(adr);
  return advice.certainty === 'none' ? EXIT.failed : EXIT.done;
}

/** For each load, each arm that meets the needs and has a measured cost, in the order of the advice. */
function plansOf({ run, needs, advice }: Answer, prices: PriceList, loads: readonly number[]): Plan[] {
  return loads.flatMap((load) =>
    advice.ranked.flatMap(({ name }) => {
      const arm = run.arms.find((one) => one.name === name);
      const cost = arm === undefined ? null : costOf(arm, run);
      return arm === undefined || cost === null ? [] : [planFor(arm, cost, needs, prices, load)];
    }),
  );
}

function identity({ run: { runId, startedAt, machine, commit, complete, reference } }: Answer) {
  return { runId, startedAt, machine, commit, complete, reference };
}

/** @throws TollgateError if there is no decision, or the file cannot be written */
async function writeRecord({ run, needs, advice, flips }: Answer, path: string | null): Promise<void> {
  if (path === null) return;
  const [{ adrOf }, { confirmationOf }, { writeReportFile }] = await Promise.all([
    import('../../core/advise/adr.ts'),
    import('../../core/advise/confirmation.ts'),
    import('../report-file.ts'),
  ]);
  const [chosen = ''] = advice.first;
  const confirmation = confirmationOf(run, needs, advice, chosen);
  const record = adrOf({ run, needs, advice, flips, confirmation, date: new Date().toISOString().slice(0, 10) });
  if (record === null) printNote(`No arm ranks first, so ${path} was not written: there is nothing to decide yet.`);
  else writeReportFile(path, record);
}
