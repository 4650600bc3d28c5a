/** The quick part of the gate on another build's servers, which are known only by HTTP and by their declarations. */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runGate } from '../../bench/gate/run-gate.ts';
import { createStage, makeGateUsers } from '../../bench/gate/stage/stage.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Build } from '../compare/build.ts';
import { startable } from '../compare/startable.ts';
import { type ArmSecurity, judgeSecurity } from './judge.ts';

/** Per build. Checks wait for credentials to expire, so another arm's can run in between. */
const ARMS_AT_ONCE = 2;

export interface SecurityOptions {
  readonly environment: FleetEnvironment;
  readonly arms: readonly string[];
  /** Arms as this checkout describes them, for a build whose own description cannot be read. */
  readonly known: readonly ArmInfo[];
  readonly signal: AbortSignal;
  readonly onProgress: (arm: string) => void;
}

/**
 * Checks the arms that both builds have, both builds at the same time.
 *
 * @throws TollgateError (environment) if a build does not start; the signal's reason if interrupted
 */
export function checkBuilds(base: Build, head: Build, options: SecurityOptions): Promise<ArmSecurity[]> {
  return checksAgainst(base, options)(head);
}

/** @returns `checkBuilds` with one base, whose checks run only once for all heads */
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

/** Whether at least one build guards the arm: if only one of them calls it a baseline, it is checked, and found to guard less. */
function isGuarded(build: Build, name: string, both: readonly Build[]): boolean {
  const has = build.arms.some((arm) => arm.name === name);
  return has && both.some(({ arms }) => arms.some((arm) => arm.name === name && !arm.baseline));
}

/** @param beside builds whose descriptions are used if the build's own cannot be read */
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
