/** The part of the gate that stands before every timed run: seconds, not minutes, for the arms that are to be timed. */

import type { GateResult } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { CHECKS } from './registry.ts';
import { type GateProgress, runGate } from './run-gate.ts';
import { createHostedStage } from './stage/hosted-stage.ts';
import { type GateEnvironment, makeGateUsers } from './stage/stage.ts';

/** More would only wait for each other: the servers are two processes. */
const ARMS_AT_ONCE = 3;

/** What the gate needs of a run: its keys too, which are judged. Users it makes for itself. */
export type QuickEnvironment = Pick<GateEnvironment, 'janitor' | 'redisUrl' | 'runId' | 'secrets'>;

/** @throws TollgateError (environment) where a fleet cannot be started */
export async function quickGate(
  environment: QuickEnvironment,
  arms: readonly ArmInfo[],
  onProgress: (progress: GateProgress) => void,
  signal: AbortSignal,
): Promise<GateResult> {
  const hosted = createHostedStage({ ...environment, users: await makeGateUsers() });
  try {
    return await runGate({
      // Nothing guards the baseline, so there is nothing to start it for.
      arms: arms.filter(({ baseline }) => !baseline),
      checks: CHECKS,
      stage: hosted.stage,
      quick: true,
      armsAtOnce: ARMS_AT_ONCE,
      signal,
      onProgress,
    });
  } finally {
    await hosted.stop();
  }
}
