/** `npm run target -- compare`: two builds of a service side by side, checked first, by the method of `npm run compare`. */
import type { StoreServer } from '../../bench/fleet/redis/store-server.ts';
import { startGenerator } from '../../bench/load/generator.ts';
import { CpuAccounts } from '../../bench/processes/accounts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { EXIT, type ExitCode, thenEnding } from '../../core/errors.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import { formatRatio } from '../../core/text/format.ts';
import { allot } from '../../regression/compare/allot.ts';
import { type ArmComparison, costsOf } from '../../regression/compare/compare.ts';
import { CONFIDENCE, Contest } from '../../regression/compare/contest.ts';
import { coreNotes } from '../../regression/compare/core-notes.ts';
import type { CostMetric } from '../../regression/compare/costs/costs.ts';
import { paceFor } from '../../regression/compare/pace.ts';
import { regressionsOf } from '../../regression/compare/regressions.ts';
import { type CompareReport, compareText, faultsOf, securityFaults } from '../../regression/compare/report.ts';
import { makeEnvironment } from '../../regression/environment.ts';
import { machineClassHere } from '../../regression/machine-class.ts';
import { compareMarkdown } from '../../regression/report/markdown.ts';
import { judgeSecurity } from '../../regression/security/judge.ts';
import { readService, type Service } from '../../target/config/service.ts';
import { gateService, type ServiceGateResult } from '../../target/gate/run.ts';
import { startOf } from '../../target/measure/fleet.ts';
import { hostsOf, otherHosts } from '../../target/owner/hosts.ts';
import type { Invocation } from '../command.ts';
import { DEFAULT_BUDGET, DEFAULT_MARGIN_PCT } from '../options/compare.ts';
import { readStoreServer, storeServerOf } from '../options/store-server.ts';
import { print, printJson, printNote } from '../output.ts';
import { readPercentage, readSeconds, readSeed } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { checkWritable, writeReportFile } from '../report-file.ts';
import { typedCommand } from '../typed-command.ts';
import { checkOut } from './exported-commit.ts';
import { refuseUnused } from './flags.ts';
import { pinFaults } from './pin-faults.ts';

const METRICS: readonly CostMetric[] = ['cpu_us_per_request'];

interface Options {
  readonly services: readonly [base: Service, head: Service];
  /** The commit of the base; null if the base has its own configuration. */
  readonly base: string | null;
  readonly labels: readonly [base: string, head: string];
  readonly marginPct: number;
  readonly budgetSeconds: number;
  readonly seed: number;
  readonly unsafe: boolean;
  readonly json: boolean;
  readonly markdown: string | null;
}

function readOptions({ values, switches, positionals, faults, refuseFaults }: Invocation): Options {
  const [, ...files] = positionals;
  const { base = null } = values;
  if (base === null && files.length !== 2)
    faults.push('name two configurations: npm run target -- compare base.json head.json; or one, and --base');
  if (base !== null && files.length !== 1)
    faults.push('--base compares a commit with the working tree: give one configuration');
  const budget = readSeconds('budget', values.budget ?? DEFAULT_BUDGET, faults);
  const margin = values.margin === undefined ? null : readPercentage('margin', values.margin, faults);
  const markdown = values.markdown ?? null;
  checkWritable('markdown', markdown, faults);
  refuseUnused('compare', { values, switches, faults });
  const seed = readSeed(values.seed, faults);
  readStoreServer({ values, faults });
  refuseFaults();
  const [first = '', second = first] = files;
  const services = [readService(first, process.env), readService(second, process.env)] as const;
  for (const host of otherHosts(services.flatMap(hostsOf)))
    faults.push(`${host} is not this machine, and compare cannot limit its rate: remove it from origins`);
  for (const [i, { launch }] of services.entries())
    if (launch === null)
      faults.push(`${i === 0 ? first : second}: the CPU time of a service at a URL cannot be read: give start`);
  const pins = switches.has('insecure-loopback');
  if (pins) faults.push(...pinFaults(services));
  refuseFaults();
  const [before, after] = services;
  return {
    services: [
      { ...before, pinsCertificates: pins },
      { ...after, pinsCertificates: pins },
    ],
    base,
    labels: [base === null ? `base (${first})` : `base (${base})`, `head (${second})`],
    marginPct: margin ?? DEFAULT_MARGIN_PCT,
    budgetSeconds: budget ?? 1,
    seed,
    unsafe: switches.has('unsafe'),
    json: switches.has('json'),
    markdown,
  };
}

export async function compareServices(invocation: Invocation): Promise<ExitCode> {
  const { signal } = invocation;
  const options = readOptions(invocation);
  const storeServer = await storeServerOf(invocation);
  const janitor = await Janitor.start();
  const progress = new ProgressLine();
  return thenEnding(
    async () => {
      try {
        const [base, head] = options.services;
        const before = options.base === null ? base : await checkOut(base, options.base, janitor);
        const report = await compared({ ...invocation, options, storeServer, before, after: head, janitor, progress });
        progress.clear();
        if (options.json) printJson({ ...report, faults: faultsOf(report) });
        else print(compareText(report));
        writeReportFile(options.markdown, compareMarkdown(report));
        if (report.interrupted) return EXIT.interrupted;
        return faultsOf(report).length === 0 ? EXIT.done : EXIT.failed;
      } catch (error) {
        if (signal.aborted) return EXIT.interrupted;
        throw error;
      }
    },
    () => progress.clear(),
    () => janitor.finish(),
  );
}

interface Comparing extends Pick<Invocation, 'args' | 'signal'> {
  readonly options: Options;
  readonly storeServer: StoreServer | null;
  readonly before: Service;
  readonly after: Service;
  readonly janitor: Janitor;
  readonly progress: ProgressLine;
}

const named = (result: GateResult, arm: string): GateResult => ({
  ...result,
  arms: result.arms.map((one) => ({ ...one, arm })),
});

async function compared(comparing: Comparing): Promise<CompareReport> {
  const { options, before, after, progress, args, signal } = comparing;
  const started = performance.now();
  const startedAt = new Date().toISOString();
  const checked: ServiceGateResult[] = [];
  for (const [i, service] of [before, after].entries()) {
    progress.update('compare', `security checks of ${i === 0 ? 'base' : 'head'}`, undefined, options.budgetSeconds);
    checked.push(await checkedOne(comparing, service));
  }
  const [base, head] = checked;
  if (base === undefined || head === undefined) throw new TypeError('there are not two builds');
  const { name } = after;
  const security = judgeSecurity(named(base.result, name), named(head.result, name));
  const isRefused = !options.unsafe && securityFaults(security).length > 0;
  const arms = isRefused ? [] : [await costs(comparing, base, head)];
  const summary = (label: string) => ({ label, commit: null, node: '', code: '' });
  return {
    command: typedCommand(
      'target',
      args.filter((arg) => arg !== '--json'),
    ),
    startedAt,
    base: summary(options.labels[0]),
    head: summary(options.labels[1]),
    marginPct: options.marginPct,
    confidence: CONFIDENCE,
    seed: options.seed,
    seconds: (performance.now() - started) / 1000,
    interrupted: signal.aborted,
    identical: false,
    security,
    unsafe: options.unsafe,
    arms,
    regressions: regressionsOf(arms),
    thresholds: [],
    machineClass: machineClassHere(),
    asked: { arms: [name], metrics: METRICS, budgetSeconds: options.budgetSeconds, instructionsMarginPct: null },
    rates: null,
    confirmation: null,
    failure: null,
    notes: coreNotes(arms.flatMap(({ costs }) => costs)),
  };
}

function checkedOne(
  { storeServer, janitor, progress, signal }: Comparing,
  service: Service,
): Promise<ServiceGateResult> {
  const accounts = CpuAccounts.openIfPossible(janitor);
  const onNote = (text: string) => progress.interrupt(() => printNote(text));
  const environment = { janitor, accounts, storeServer, signal, onNote };
  return gateService({ service, environment, quick: true, maxRps: null });
}

/** The cost of a guarded request in both; partial if it is interrupted. */
async function costs(
  { options, storeServer, before, after, janitor, progress, signal }: Comparing,
  base: ServiceGateResult,
  head: ServiceGateResult,
): Promise<ArmComparison> {
  const started = performance.now();
  const left = () => options.budgetSeconds - (performance.now() - started) / 1000;
  const onNote = (text: string) => progress.interrupt(() => printNote(text));
  const foreign = new Map([
    ['base', startOf(before, 'guarded', { signal, onNote })],
    ['head', startOf(after, 'guarded', { signal, onNote })],
  ]);
  const generator = startGenerator(janitor);
  const contest = new Contest({
    environment: { ...(await makeEnvironment(janitor, { redisUrl: null, storeServer })), foreign },
    generator,
    // Fleets are started by arm name.
    sides: [
      { name: 'base', arm: { ...base.subject.arm, name: 'base' } },
      { name: 'head', arm: { ...head.subject.arm, name: 'head' } },
    ],
    metrics: METRICS,
    marginPct: options.marginPct,
    pace: paceFor(options.budgetSeconds, 2, 'byDefault'),
    seed: options.seed,
    signal,
  });
  await thenEnding(
    async () => {
      try {
        await allot([contest], options.budgetSeconds, () => {
          const ratio = contest.standings()[0]?.judged.ratio;
          const live = ratio !== undefined && Number.isFinite(ratio.high) ? formatRatio(ratio) : undefined;
          progress.update('compare', `fresh start ${contest.forks} of at most ${contest.mostForks}`, live, left());
        });
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
    () => generator.stop(),
  );
  return {
    arm: after.name,
    presence: 'both',
    guards: [],
    instructions: null,
    costs: costsOf(contest),
    counters: null,
  };
}
