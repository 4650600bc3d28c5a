/** `npm run target`: a service that is not in this repository, checked and measured. */
import { join, resolve } from 'node:path';
import { CpuAccounts } from '../../bench/processes/accounts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { EXIT, type ExitCode } from '../../core/errors.ts';
import { writeGate } from '../../core/results/gate-file.ts';
import { failedArms, type GateResult } from '../../core/results/gate-schema.ts';
import { readService, type Service } from '../../target/config/service.ts';
import { gateService } from '../../target/gate/run.ts';
import { otherHosts, ownershipFaults } from '../../target/owner/hosts.ts';
import { proveOwnership } from '../../target/owner/proof.ts';
import { endpointOf, type ServiceEnvironment } from '../../target/process/fleet.ts';
import type { Command, FlagTable, Invocation } from '../command.ts';
import { gateTable } from '../gate-table.ts';
import { JSON_OUTPUT } from '../options/shared.ts';
import { print, printJson, printNote } from '../output.ts';
import { readInteger } from '../parse/values.ts';
import { ProgressLine } from '../progress.ts';
import { freshFolder, makeFolder, runIdAt, shownFolder } from '../run-folder.ts';

const FLAGS = {
  'gate-only': { help: 'Run the security checks, and measure nothing.' },
  quick: { help: 'Run only the checks that also precede every benchmark.' },
  out: { value: 'DIR', help: 'Write the results here (default: results/target-<UTC timestamp>).' },
  'i-own-this-host': {
    value: 'LIST',
    help: 'Name the hosts, other than this machine, that are yours to load (default: none).',
  },
  'max-rps': {
    value: 'N',
    help: 'Send at most this many requests a second; needed for a host other than this machine (default: no bound).',
  },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

const MOST_RPS = 100_000;
/** Where the tokens are kept that other hosts have to answer with. */
const OWNERSHIP_FOLDER = '.tollgate';
/** An estimate, for the time that the progress line shows. */
const GATE_SECONDS = 15;

export const target: Command = {
  flags: FLAGS,
  positionals: [{ name: 'service.json', help: 'How to start or reach the service, and its requests.' }],
  examples: [{ args: 'service.json --gate-only', does: 'every security check that applies to the service' }],
  notes: async () => [
    'service.json names a start command or URLs, users, a login and requests; docs/targets.md explains it, and editors',
    'complete it by its schema, service.schema.json. Passwords and keys come from environment variables or files.',
    'A host other than this machine has to be named, bounded, and proved: see docs/targets.md.',
  ],
  stopsInOrder: true,
  run: runTarget,
};

interface TargetOptions {
  readonly service: Service;
  readonly quick: boolean;
  readonly json: boolean;
  readonly out: string | null;
  readonly maxRps: number | null;
}

async function readOptions({
  values,
  switches,
  positionals,
  faults,
  refuseFaults,
}: Invocation): Promise<TargetOptions> {
  const [file] = positionals;
  if (file === undefined) faults.push('name the configuration of the service: npm run target -- service.json');
  const maxRps =
    values['max-rps'] === undefined ? null : readInteger('max-rps', values['max-rps'], 1, MOST_RPS, faults);
  refuseFaults();
  const service = readService(file ?? '', process.env);
  const owned = (values['i-own-this-host'] ?? '').split(',').map((host) => host.trim());
  faults.push(...ownershipFaults(service.urls, { owned: owned.filter((host) => host !== ''), maxRps }));
  const arms = await describeArms();
  if (arms.some(({ name }) => name === service.name))
    faults.push(`${file}: /name is ${service.name}, the name of a built-in arm: choose another one`);
  refuseFaults();
  return { service, maxRps, quick: switches.has('quick'), json: switches.has('json'), out: values.out ?? null };
}

async function runTarget(invocation: Invocation): Promise<ExitCode> {
  const { signal } = invocation;
  const options = await readOptions(invocation);
  const { service } = options;
  for (const host of otherHosts(service.urls)) {
    const url = service.urls.find(({ hostname }) => hostname === host);
    if (url !== undefined) await proveOwnership(host, endpointOf(url, service.certificate), resolve(OWNERSHIP_FOLDER));
  }
  const janitor = await Janitor.start();
  try {
    const accounts = CpuAccounts.open(janitor);
    const environment: ServiceEnvironment = {
      janitor,
      accounts: typeof accounts === 'string' ? null : accounts,
      signal,
      onNote: printNote,
    };
    return await checkService(options, environment);
  } finally {
    await janitor.finish();
  }
}

async function checkService(options: TargetOptions, environment: ServiceEnvironment): Promise<ExitCode> {
  const { service, quick, json, maxRps } = options;
  const directory = options.out === null ? freshFolder(`target-${runIdAt(new Date())}`) : resolve(options.out);
  makeFolder(directory);
  const progress = new ProgressLine();
  let result: GateResult;
  try {
    ({ result } = await gateService({
      service,
      environment,
      quick,
      maxRps,
      onProgress: (check, done, total) =>
        progress.update('gate', `${service.name}: check ${check}`, undefined, GATE_SECONDS * (1 - done / total)),
    }));
  } catch (error) {
    if (environment.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    progress.clear();
  }
  writeGate(directory, result);
  const failed = failedArms(result);
  if (json) printJson({ directory: shownFolder(directory), failed, ...result });
  else {
    print([...gateTable(result), '', ...notApplicable(result)].join('\n'));
    printNote(`Written to ${join(shownFolder(directory), 'gate.json')}`);
  }
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

/** Why checks do not apply, the checks of one reason on one line. */
function notApplicable({ arms }: GateResult): string[] {
  const outcomes = arms.flatMap((arm) => arm.outcomes).filter(({ verdict }) => verdict === 'not-applicable');
  const reasons = Map.groupBy(outcomes, ({ detail }) => detail);
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, checks]) => `  ${checks.map(({ check }) => check).join(', ')}: ${reason}`);
  return ['Checks that do not apply:', ...lines];
}
