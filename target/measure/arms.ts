/** A service as arms of a run: its guarded request, and its public one as the baseline. */

import type { ForeignStart } from '../../bench/fleet/fleet.ts';
import { quickGate } from '../../bench/gate/quick.ts';
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Service } from '../config/service.ts';
import { startOf } from './fleet.ts';

export interface ServiceArms {
  readonly arms: readonly ArmInfo[];
  readonly foreign: ReadonlyMap<string, ForeignStart>;
}

export const twinOf = (name: string): string => `${name}-public`;

/** @param arm the service as the gate found it */
export function armsOf(service: Service, arm: ArmInfo, events: Parameters<typeof startOf>[2]): ServiceArms {
  const guarded = [arm, startOf(service, 'guarded', events)] as const;
  if (service.requests.public === undefined) return { arms: [arm], foreign: new Map([[arm.name, guarded[1]]]) };
  const { tokenAlgorithm: _, refreshTokens: __, ...facts } = arm;
  const twin: ArmInfo = {
    ...facts,
    name: twinOf(arm.name),
    title: `${arm.title}, public request`,
    summary: `The public request of ${arm.title}, which needs no credential: the baseline of its own.`,
    family: 'none',
    serverState: 'none',
    usesRedis: false,
    twinOf: arm.name,
  };
  const start = startOf(service, 'public', events);
  return {
    arms: [arm, twin],
    foreign: new Map([
      [arm.name, guarded[1]],
      [twin.name, start],
    ]),
  };
}

/**
 * The gate of a run with a service: the results that the service's own gate already has, and the checks of all other
 * arms.
 */
export function checkWith(found: GateResult, names: ReadonlySet<string>): typeof quickGate {
  return async (environment, arms, onProgress, signal) => {
    const others = await quickGate(
      environment,
      arms.filter(({ name }) => !names.has(name)),
      onProgress,
      signal,
    );
    const checks = new Map([...others.checks, ...found.checks].map((check) => [check.id, check]));
    return {
      ...others,
      durationMs: others.durationMs + found.durationMs,
      checks: [...checks.values()].toSorted((a, b) => a.id - b.id),
      arms: [...others.arms, ...found.arms],
    };
  };
}
