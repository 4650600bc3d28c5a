/** `npm run target`: checks and measures a service outside this repository. */
import { join, resolve } from 'node:path';
import { CpuAccounts } from '../../bench/processes/accounts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { EXIT, type ExitCode, thenEnding } from '../../core/errors.ts';
import { writeGate } from '../../core/results/gate-file.ts';
import { failedArms, type GateResult } from '../../core/results/gate-schema.ts';
import { MOST_FAILED_LOGINS } from '../../target/discover/attempts.ts';
import { endpointOf } from '../../target/flow/endpoint.ts';
import { gateService, type ServiceGateResult } from '../../target/gate/run.ts';
import { hostsOf, otherHosts } from '../../target/owner/hosts.ts';
import { proveOwnership } from '../../target/owner/proof.ts';
import type { Command, Invocation } from '../command.ts';
import { gateTable } from '../gate-table.ts';
import { type StoreChoice, storeOf, storeServerOf } from '../options/store-server.ts';
import { noteWritten, print, printJson, printNote } from '../output.ts';
import { ProgressLine } from '../progress.ts';
import { inFolder, newFolder, newRunId, shownFolder } from '../run-folder.ts';
import { compareServices } from '../target/compare.ts';
import { TARGET_FLAGS } from '../target/flags.ts';
import { initTarget } from '../target/init.ts';
import { readTargetOptions, type TargetOptions } from '../target/options.ts';
import { measureService } from '../target/run.ts';

/** The folder of the ownership tokens that other hosts must serve. */
const OWNERSHIP_FOLDER = '.tollgate';
/** An estimate, for the time that the progress line shows. */
const GATE_SECONDS = 15;

export const target: Command = {
  flags: TARGET_FLAGS,
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
    `init makes at most ${MOST_FAILED_LOGINS} failed logins, and stops if the service answers 429 or reports that the account is locked.`,
    'Hosts other than this machine need confirmation, a rate limit and proof of ownership: see docs/targets.md.',
  ],
  stopsInOrder: true,
  run: runTarget,
};

async function runTarget(invocation: Invocation): Promise<ExitCode> {
  if (invocation.positionals[0] === 'init') {
    for (const word of invocation.positionals.slice(1))
      invocation.faults.push(`unexpected argument ${JSON.stringify(word)}`);
    await initTarget(invocation);
    return EXIT.done;
  }
  if (invocation.positionals[0] === 'compare') return compareServices(invocation);
  const options = await readTargetOptions(invocation);
  const { service } = options;
  // The checks need only the service, whose stores its configuration names.
  const store = options.gateOnly
    ? { redisUrl: null, storeServer: await storeServerOf(invocation) }
    : await storeOf(invocation);
  const urls = hostsOf(service);
  for (const host of otherHosts(urls)) {
    const url = urls.find(({ hostname }) => hostname === host);
    if (url !== undefined) await proveOwnership(host, endpointOf(url, service.certificate), resolve(OWNERSHIP_FOLDER));
  }
  const runId = newRunId();
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
      noteWritten(join(shownFolder(directory), 'gate.json'));
    }
    if (failed.length > 0 && !options.gateOnly)
      printNote(
        `${service.name} was not measured, since it failed a security check; use --unsafe to measure it anyway.`,
      );
    return failed.length === 0 ? EXIT.done : EXIT.failed;
  }
  return measureService({ ...options, store, gate, directory, runId, args, signal });
}

/** @returns null if it was interrupted */
async function checkService(
  options: TargetOptions,
  { storeServer }: StoreChoice,
  signal: AbortSignal,
): Promise<ServiceGateResult | null> {
  const { service, quick, maxRps } = options;
  const janitor = await Janitor.start();
  const progress = new ProgressLine();
  return thenEnding(
    async () => {
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
      }
    },
    () => progress.clear(),
    () => janitor.finish(),
  );
}

/** Why checks do not apply, grouped by reason. */
function notApplicable({ arms }: GateResult): string[] {
  const outcomes = arms.flatMap((arm) => arm.outcomes).filter(({ verdict }) => verdict === 'not-applicable');
  const reasons = Map.groupBy(outcomes, ({ detail }) => detail);
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([reason, checks]) => `  ${checks.map(({ check }) => check).join(', ')}: ${reason}`);
  return ['Checks that do not apply:', ...lines];
}
