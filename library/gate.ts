/**
 * The security checks as a library: a test suite can hold its own service to them, without a command line.
 *
 *     const { failed } = await checkService({ name: 'shop', urls: [url], … }, { environment: { ALICE_PASSWORD: 'secret' } });
 *     expect(failed).toEqual([]);
 */
import { resolve } from 'node:path';
import { CpuAccounts } from '../bench/processes/accounts.ts';
import { Janitor } from '../bench/processes/janitor.ts';
import { thenEnding, UsageError } from '../core/errors.ts';
import type { GateVerdict } from '../core/results/gate-schema.ts';
import type { ServiceConfig } from '../target/config/schema.ts';
import { parseService } from '../target/config/service.ts';
import { gateService } from '../target/gate/run.ts';
import { hostsOf, otherHosts } from '../target/owner/hosts.ts';

export type { ServiceConfig };

/** One check and its outcome. */
export interface CheckedOutcome {
  /** The number of the check in docs/security-checks.md; checks only for services begin at 101. */
  readonly check: number;
  readonly name: string;
  /** Such as `ASVS 3.3.1`. */
  readonly references: readonly string[];
  readonly verdict: GateVerdict;
  /** The observation, or why the check does not apply: one line. */
  readonly detail: string;
}

export interface CheckedService {
  readonly outcomes: readonly CheckedOutcome[];
  /** The failed checks, each as `33: sid has no HttpOnly`. Empty if the service passes. */
  readonly failed: readonly string[];
  readonly durationMs: number;
}

export interface CheckOptions {
  /** Environment variables for the secrets of the configuration (default: process.env). */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The folder to which paths in the configuration are relative (default: the current one). */
  readonly folder?: string;
  /** Run only the checks that precede a measurement (default: all that apply). */
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
  /** Called with a one-line remark about something that happened besides the checks. */
  readonly onNote?: (text: string) => void;
}

/**
 * Starts the service, or reaches it at its URLs on this machine, and runs every check that applies. Takes up to half a minute;
 * what was started has ended when it returns or throws.
 * @throws TollgateError with every fault of the configuration, or in one line why the service cannot be checked; the
 *   signal's reason when aborted
 */
export async function checkService(config: ServiceConfig, options: CheckOptions = {}): Promise<CheckedService> {
  const { environment = process.env, folder = '.', quick = false, onNote = () => {} } = options;
  const surroundings = { folder: resolve(folder), env: { ...environment } };
  const service = parseService('the configuration', JSON.stringify(config), surroundings);
  const elsewhere = otherHosts(hostsOf(service));
  if (elsewhere.length > 0)
    throw new UsageError(
      elsewhere.map((host) => `${host} is not this machine`),
      'check hosts that are yours with the command target, which asks for a proof',
    );
  const janitor = await Janitor.start();
  return thenEnding(
    async () => {
      const { result } = await gateService({
        service,
        environment: {
          janitor,
          accounts: CpuAccounts.openIfPossible(janitor),
          signal: options.signal ?? new AbortController().signal,
          onNote,
        },
        quick,
        maxRps: null,
      });
      const names = new Map(result.checks.map((check) => [check.id, check]));
      const outcomes = result.arms
        .flatMap((arm) => arm.outcomes)
        .map(({ check, verdict, detail }) => {
          const info = names.get(check);
          return { check, name: info?.name ?? '', references: info?.refs ?? [], verdict, detail };
        });
      const failed = outcomes.filter(({ verdict }) => verdict === 'fail');
      return {
        outcomes,
        failed: failed.map(({ check, detail }) => `${check}: ${detail}`),
        durationMs: result.durationMs,
      };
    },
    () => janitor.finish(),
  );
}
