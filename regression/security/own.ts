/** The quick part of the gate on this checkout's own servers, before they are compared with themselves. */
import { quickGate } from '../../bench/gate/quick.ts';
import { runError } from '../../core/errors.ts';
import type { ArmInfo } from '../../servers/contract.ts';

type Gated = Parameters<typeof quickGate>[0];

/**
 * @param gate the checks; tests replace them
 *
 * @throws TollgateError (failed) with the checks that an arm fails; the signal's reason if interrupted
 */
export async function refuseUnsafe(
  environment: Gated,
  arm: ArmInfo,
  signal: AbortSignal,
  gate: typeof quickGate = quickGate,
): Promise<void> {
  if (arm.baseline) return;
  const { arms, checks } = await gate(environment, [arm], () => {}, signal);
  signal.throwIfAborted();
  const failed = arms.flatMap(({ outcomes }) => outcomes.filter(({ verdict }) => verdict === 'fail'));
  if (failed.length === 0) return;
  const nameOf = (id: number) => checks.find((check) => check.id === id)?.name ?? '';
  const words = failed.map(({ check, detail }) => `security check ${check} (${nameOf(check)}): ${detail}`);
  throw runError(`${arm.name} fails ${words.join('; ')}`, `see all of them: npm run gate -- --arms ${arm.name}`);
}
