/** `npm run target`: a service that is not in this repository, checked and measured. */
import { join, resolve } from 'node:path';
import { CAPACITY } from '../../bench/experiments/capacity/plan.ts';
import { ARGON2_CHEAP } from '../../bench/fleet/secrets.ts';
import { representativeArms } from '../../bench/measuring/arms.ts';
import { CpuAccounts } from '../../bench/processes/accounts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { MOST } from '../../bench/run/resumable.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { writeGate } from '../../core/results/gate-file.ts';
import { failedArms, type GateResult } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { parseService, readService, type Service } from '../../target/config/service.ts';
import { gateService, type ServiceGateResult } from '../../target/gate/run.ts';
import { twinOf } from '../../target/measure/arms.ts';
import { otherHosts, ownershipFaults } from '../../target/owner/hosts.ts';
import { proveOwnership } from '../../target/owner/proof.ts';
import { endpointOf } from '../../target/process/fleet.ts';
import type { Command, FlagTable, Invocation } from '../command.ts';
import { gateTable } from '../gate-table.ts';
import { ENGINE, engineFaults, readEngine, refuseMissingEngine } from '../options/engine.ts';
import { OBJECTIVE, readObjective } from '../options/objective.ts';
import { JSON_OUTPUT, SEED } from '../options/shared.ts';
import { readStoreServer, STORE_SERVER, type StoreChoice, storeOf, storeServerOf } from '../options/store-server.ts';
import { readWatching, WATCHING, type Watching } from '../options/watching.ts';
import { print, printJson, printNote } from '../output.ts';
import { readChoice, readCounts, readInteger, readNames, readSeconds, readSeed } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { inFolder, newFolder, runIdAt, shownFolder } from '../run-folder.ts';
import { compareServices } from '../target/compare.ts';
import { discovered, initTarget } from '../target/init.ts';
import { measureService, type TargetRun } from '../target/run.ts';

const FLAGS = {
  'gate-only': { help: 'Run only the security checks, and measure nothing.' },
  quick: { help: 'With --gate-only: run only the checks that also precede every measurement.' },
  url: {
    value: 'URL',
    help: 'Instead of service.json: discover and check the service at this URL (default: none).',
  },
  login: { value: 'PATH', help: 'With --url or init: the path of its login (default: common paths).' },
  guarded: { value: 'PATH', help: 'With --url or init: a path that needs a login (default: common paths).' },
  arms: {
    value: 'LIST',
    help: 'Measure it next to these arms (default: those of the quick profile; for capacity alone, none).',
  },
  experiments: {
    value: 'LIST',
    help: 'Run these of toll, scale, latency, revocation, outage, payload and capacity (default: toll).',
  },
  replicas: {
    value: 'LIST',
    help: 'Measure these numbers of replicas, in scale and capacity (default: 1,2,4; capacity: 1).',
  },
  ...OBJECTIVE,
  engine: ENGINE,
  profile: { value: 'NAME', help: 'Be quick or full, as npm run bench is (default: quick).' },
  base: { value: 'REF', help: 'With compare: the commit of the service’s own repository to compare with.' },
  margin: { value: 'PCT', help: 'With compare: tolerate a slowdown of this many percent (default: 2).' },
  markdown: { value: 'FILE', help: 'With compare: write the result as Markdown, for a pull request.' },
  budget: { value: 'TIME', help: 'Spend this time on measuring, such as 90s or 10m (default: the profile’s).' },
  seed: SEED,
  ...STORE_SERVER,
  ...WATCHING,
  unsafe: { help: 'Measure the service even if it fails a security check, and flag its figures.' },
  out: { value: 'DIR', help: 'Write the results here (default: results/target-<UTC timestamp>).' },
  'insecure-loopback': {
    help: 'Trust the certificate that each replica presents; only on this machine.',
  },
  'i-own-this-host': {
    value: 'LIST',
    help: 'Confirm that you may send load to these hosts other than this machine (default: none).',
  },
  'max-rps': {
    value: 'N',
    help: 'Send at most this many requests per second; required for hosts other than this machine (default: no limit).',
  },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** What is about measuring alone. */
const MEASURING = [
  'arms',
  'experiments',
  'replicas',
  'slo',
  'engine',
  'profile',
  'budget',
  'seed',
  ...Object.keys(WATCHING),
];
const MOST_RPS = 100_000;
/** Where the tokens are kept that other hosts have to answer with. */
const OWNERSHIP_FOLDER = '.tollgate';
/** An estimate, for the time that the progress line shows. */
const GATE_SECONDS = 15;

export const target: Command = {
  flags: FLAGS,
  positionals: [
    {
      name: '[service.json|init|compare]',
      help: 'How to start or reach the service, and its requests; init writes that file for a service at --url; compare takes two files, or one and --base.',
      repeats: true,
    },
  ],
  examples: [
    { args: 'service.json', does: 'the security checks, and the toll next to Tollgate’s own arms' },
    { args: 'service.json --gate-only', does: 'every security check that applies to the service' },
    { args: 'init --url http://127.0.0.1:3000', does: 'discovers the API of that service, and writes service.json' },
    { args: 'compare old.json new.json', does: 'whether the second build is slower, or fails more checks' },
    { args: 'service.json --experiments capacity', does: 'the highest load that it carries within an objective' },
    { args: 'service.json --arms none,jwt-hs256 --budget 30s', does: 'a short run next to one token arm' },
  ],
  notes: async () => [
    'service.json names a start command or URLs, users, a login and requests; docs/targets.md explains it, and editors',
    'complete it by its schema, service.schema.json. Passwords and keys come from environment variables or files.',
    'Hosts other than this machine need confirmation, a rate limit and proof of ownership: see docs/targets.md.',
  ],
  stopsInOrder: true,
  run: runTarget,
};

interface TargetOptions {
  readonly service: Service;
  readonly gateOnly: boolean;
  readonly quick: boolean;
  readonly unsafe: boolean;
  readonly ownArms: readonly ArmInfo[];
  readonly config: TargetRun['config'];
  readonly watching: Watching;
  readonly json: boolean;
  readonly out: string | null;
  readonly maxRps: number | null;
}

async function readOptions(invocation: Invocation): Promise<TargetOptions> {
  const { values, switches, positionals, faults, refuseFaults } = invocation;
  const [file, ...more] = positionals;
  for (const word of more) faults.push(`unexpected argument ${JSON.stringify(word)}`);
  for (const flag of ['base', 'margin', 'markdown'] as const)
    if (values[flag] !== undefined) faults.push(`--${flag} only applies to compare: npm run target -- compare`);
  const gateOnly = switches.has('gate-only');
  const hasUrl = values.url !== undefined;
  if (file === undefined && !hasUrl)
    faults.push('give the configuration of the service: npm run target -- service.json');
  if (file !== undefined && hasUrl) faults.push(`--url replaces ${file}: omit one of them`);
  for (const flag of hasUrl ? [] : (['login', 'guarded'] as const))
    if (values[flag] !== undefined) faults.push(`--${flag} needs --url`);
  if (switches.has('quick') && !gateOnly) faults.push('--quick needs --gate-only: add that, or omit --quick');
  for (const flag of gateOnly ? MEASURING : [])
    if (values[flag] !== undefined)
      faults.push(`--${flag} needs a measurement, and --gate-only makes none: omit one of them`);
  const maxRps =
    values['max-rps'] === undefined ? null : readInteger('max-rps', values['max-rps'], 1, MOST_RPS, faults);
  const ownArms = await describeArms();
  const config = readConfig(invocation, ownArms);
  readStoreServer(invocation);
  const watching = readWatching(invocation);
  if (!gateOnly) faults.push(...engineFaults(config, values));
  refuseFaults();
  const service = hasUrl
    ? parseService('--url', JSON.stringify(await discovered(invocation)), { folder: '.', env: process.env })
    : readService(file ?? '', process.env);
  if (switches.has('insecure-loopback')) faults.push(...pinFaults(service));
  const owned = (values['i-own-this-host'] ?? '').split(',').map((host) => host.trim());
  faults.push(...ownershipFaults(service.urls, { owned: owned.filter((host) => host !== ''), maxRps }));
  if (ownArms.some(({ name }) => name === service.name || name === twinOf(service.name)))
    faults.push(`${file}: /name is ${service.name}, the name of a built-in arm: choose another one`);
  if (service.launch === null && !gateOnly)
    faults.push('the CPU time of a service at a URL cannot be read: add --gate-only, or give start in place of urls');
  if (!gateOnly) refuseMissingEngine(config);
  if (maxRps !== null && !gateOnly) faults.push('--max-rps only limits the security checks: add --gate-only');
  refuseFaults();
  return {
    service: { ...service, pinsCertificates: switches.has('insecure-loopback') },
    gateOnly,
    ownArms,
    config,
    watching,
    maxRps,
    quick: !gateOnly || switches.has('quick'),
    unsafe: switches.has('unsafe'),
    json: switches.has('json'),
    out: values.out ?? null,
  };
}

/** Why a certificate may not be trusted unseen, or need not be. */
function pinFaults({ launch, urls, certificate }: Service): string[] {
  const isTls = launch?.speaksTls === true || urls.some(({ protocol }) => protocol === 'https:');
  return [
    ...otherHosts(urls).map((host) => `--insecure-loopback: ${host} is not this machine: name its certificate`),
    ...(certificate === null
      ? []
      : ['--insecure-loopback: /certificate already says which certificate to trust: omit one of them']),
    ...(isTls || certificate !== null ? [] : ['--insecure-loopback needs https in urls, or start.https']),
  ];
}

/** The experiments that ask a service for nothing but its own requests, the usual ones first. */
const EXPERIMENTS = ['toll', 'scale', 'latency', 'revocation', 'outage', 'payload', CAPACITY];
const USUAL = ['toll'];
/** Which of them a flag has an effect on. */
const CONCERNS = { replicas: ['scale', CAPACITY], slo: [CAPACITY] } as const;

function readConfig({ values, faults }: Invocation, arms: readonly ArmInfo[]): TargetRun['config'] {
  const known = arms.map(({ name }) => name);
  const experiments =
    values.experiments === undefined ? USUAL : readNames('experiments', values.experiments, EXPERIMENTS, faults);
  for (const flag of ['replicas', 'slo'] as const)
    if (values[flag] !== undefined && !CONCERNS[flag].some((name) => experiments.includes(name)))
      faults.push(`--${flag} only affects ${CONCERNS[flag].join(' and ')}: add --experiments ${CONCERNS[flag].at(-1)}`);
  // A search takes its time for each arm, and compares none with another.
  const isAlone = experiments.every((name) => name === CAPACITY);
  const usual = isAlone ? [] : representativeArms(arms);
  const chosen = values.arms === undefined ? usual : readNames('arms', values.arms, known, faults);
  const baseline = arms.filter((arm) => arm.baseline && !isAlone).map(({ name }) => name);
  return {
    profile: readChoice('profile', values.profile ?? 'quick', ['quick', 'full'], faults) ?? 'quick',
    experiments,
    // Every toll is the difference from the baseline.
    arms: [...new Set([...baseline, ...chosen])],
    replicas: values.replicas === undefined ? null : readCounts('replicas', values.replicas, MOST.replicas, faults),
    ...readObjective(values, faults),
    budgetSeconds: values.budget === undefined ? null : readSeconds('budget', values.budget, faults),
    seed: readSeed(values.seed, faults),
    aa: false,
    ...readEngine(values, faults),
    argon2: { ...ARGON2_CHEAP },
  };
}

async function runTarget(invocation: Invocation): Promise<ExitCode> {
  if (invocation.positionals[0] === 'init') {
    for (const word of invocation.positionals.slice(1))
      invocation.faults.push(`unexpected argument ${JSON.stringify(word)}`);
    await initTarget(invocation);
    return EXIT.done;
  }
  if (invocation.positionals[0] === 'compare') return compareServices(invocation);
  const options = await readOptions(invocation);
  const { service } = options;
  // The checks are of the service alone, whose stores its configuration names.
  const store = options.gateOnly
    ? { redisUrl: null, storeServer: await storeServerOf(invocation) }
    : await storeOf(invocation);
  for (const host of otherHosts(service.urls)) {
    const url = service.urls.find(({ hostname }) => hostname === host);
    if (url !== undefined) await proveOwnership(host, endpointOf(url, service.certificate), resolve(OWNERSHIP_FOLDER));
  }
  const runId = runIdAt(new Date());
  const folder = newFolder(options.out, `target-${runId}`);
  return inFolder(folder, () => checkAndMeasure({ directory: folder.directory, runId, options, store }, invocation));
}

interface Opened {
  readonly directory: string;
  readonly runId: string;
  readonly options: TargetOptions;
  readonly store: StoreChoice;
}

async function checkAndMeasure(
  { directory, runId, options, store }: Opened,
  { args, signal }: Invocation,
): Promise<ExitCode> {
  const { service } = options;
  const gate = await checkService(options, store, signal);
  if (gate === null) return EXIT.interrupted;
  const failed = failedArms(gate.result);
  if (options.gateOnly || (failed.length > 0 && !options.unsafe)) {
    writeGate(directory, gate.result);
    if (options.json) printJson({ directory: shownFolder(directory), failed, ...gate.result });
    else {
      print([...gateTable(gate.result), '', ...notApplicable(gate.result)].join('\n'));
      printNote(`Written to ${join(shownFolder(directory), 'gate.json')}`);
    }
    if (failed.length > 0 && !options.gateOnly)
      printNote(
        `${service.name} was not measured, since it failed a security check; use --unsafe to measure it anyway.`,
      );
    return failed.length === 0 ? EXIT.done : EXIT.failed;
  }
  return measureService({ ...options, store, gate, directory, runId, args, signal });
}

/** @returns null when it was interrupted */
async function checkService(
  options: TargetOptions,
  { storeServer }: StoreChoice,
  signal: AbortSignal,
): Promise<ServiceGateResult | null> {
  const { service, quick, maxRps } = options;
  const janitor = await Janitor.start();
  const progress = new ProgressLine();
  try {
    return await gateService({
      service,
      environment: {
        janitor,
        accounts: CpuAccounts.openIfPossible(janitor),
        storeServer,
        signal,
        onNote: (text) => progress.interrupt(() => printNote(text)),
      },
      quick,
      maxRps,
      onProgress: (check, done, total) =>
        progress.update('gate', `${service.name}: check ${check}`, undefined, GATE_SECONDS * (1 - done / total)),
    });
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    progress.clear();
    await janitor.finish();
  }
}

/** Why checks do not apply, the checks of one reason on one line. */
function notApplicable({ arms }: GateResult): string[] {
  const outcomes = arms.flatMap((arm) => arm.outcomes).filter(({ verdict }) => verdict === 'not-applicable');
  const reasons = Map.groupBy(outcomes, ({ detail }) => detail);
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, checks]) => `  ${checks.map(({ check }) => check).join(', ')}: ${reason}`);
  return ['Checks that do not apply:', ...lines];
}
