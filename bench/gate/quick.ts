/** The quick part of the gate, which runs before every benchmark: seconds, not minutes, for the arms to be timed. */

import { thenEnding } from '../../core/errors.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { CHECKS } from './registry.ts';
import { type GateProgress, runGate } from './run-gate.ts';
import { createHostedStage } from './stage/hosted-stage.ts';
import { type GateEnvironment, makeGateUsers } from './stage/stage.ts';

/** More arms would only wait for each other, since the servers are two processes. */
const ARMS_AT_ONCE = 3;

/** The parts of a run's environment that the gate needs, including its keys, which it checks. The gate makes its own users. */
export type QuickEnvironment = Pick<GateEnvironment, 'janitor' | 'redisUrl' | 'storeServer' | 'runId' | 'secrets'>;

/** @throws TollgateError (environment) if a fleet cannot be started */
export async function quickGate(
  environment: QuickEnvironment,
  arms: readonly ArmInfo[],
  onProgress: (progress: GateProgress) => void,
  signal: AbortSignal,
): Promise<GateResult> {
  const hosted = createHostedStage({ ...environment, users: await makeGateUsers() });
  return thenEnding(
    () =>
      runGate({
        // The baseline is unguarded, so there is nothing to check.
        arms: arms.filter(({ baseline }) => !baseline),
        checks: CHECKS,
        stage: hosted.stage,
        quick: true,
        armsAtOnce: ARMS_AT_ONCE,
        signal,
        onProgress,
      }),
    () => hosted.stop(),
  );
}
