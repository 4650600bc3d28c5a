/** The quick part of the gate on another build's servers, which it knows by HTTP and by what they declare. */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runGate } from '../../bench/gate/run-gate.ts';
import { createStage, makeGateUsers } from '../../bench/gate/stage/stage.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Build } from '../compare/build.ts';
import { startable } from '../compare/startable.ts';
import { type ArmSecurity, judgeSecurity } from './judge.ts';

/** Of each build. Checks wait for credentials to expire, which leaves time for another arm's. */
const ARMS_AT_ONCE = 2;

export interface SecurityOptions {
  readonly environment: FleetEnvironment;
  readonly arms: readonly string[];
  /** Arms as this checkout describes them, for a build whose description it cannot read. */
  readonly known: readonly ArmInfo[];
  readonly signal: AbortSignal;
  readonly onProgress: (arm: string) => void;
}

/**
 * Checks the arms that both builds have, both builds at once.
 * @throws TollgateError (environment) if a build does not start; the signal's reason when interrupted
 */
export function checkBuilds(base: Build, head: Build, options: SecurityOptions): Promise<ArmSecurity[]> {
  return checksAgainst(base, options)(head);
}

/** @returns `checkBuilds` with one base, whose own checks run once for all heads */
export function checksAgainst(base: Build, options: SecurityOptions): (head: Build) => Promise<ArmSecurity[]> {
  let checked: Promise<GateResult> | null = null;
  return async (head) => {
    const arms = options.arms.filter((name) => [base, head].every((build) => isGuarded(build, name, [base, head])));
    if (arms.length === 0) return [];
    const shared = { ...options, arms, beside: [base, head] };
    checked ??= checkBuild(base, shared);
    return judgeSecurity(...(await Promise.all([checked, checkBuild(head, shared)])));
  };
}

/** One of the two guards something: what only one of them calls a baseline is checked, and found to guard less. */
function isGuarded(build: Build, name: string, both: readonly Build[]): boolean {
  const has = build.arms.some((arm) => arm.name === name);
  return has && both.some(({ arms }) => arms.some((arm) => arm.name === name && !arm.baseline));
}

/** @param beside builds whose descriptions serve where the build's own cannot be read */
async function checkBuild(
  build: Build,
  { environment, arms, known, beside, signal, onProgress }: SecurityOptions & { readonly beside: readonly Build[] },
): Promise<GateResult> {
  const described = [build, ...beside].flatMap(({ facts }) => facts);
  const found = arms.flatMap((name) => [...described, ...known].find((arm) => arm.name === name) ?? []);
  const { execArgv: _, ...program } = build.program;
  const stage = createStage({ ...environment, users: await makeGateUsers() }, program);
  const result = await startable(
    build,
    runGate({
      arms: found,
      checks: CHECKS,
      stage,
      quick: true,
      armsAtOnce: ARMS_AT_ONCE,
      signal,
      onProgress: ({ arm }) => onProgress(arm),
    }),
  );
  signal.throwIfAborted();
  return result;
}
