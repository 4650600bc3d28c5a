/** Starts the companions of an arm. */

import { afterEnding } from '../../../core/errors.ts';
import { stopInOrder } from '../../../core/stop-in-order.ts';
import type { CompanionAddresses } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Companion, CompanionOptions } from './companion.ts';
import { COMPANIONS } from './registry.ts';

/** @throws the first error, after stopping those that were started */
export async function startCompanions(
  { companions: kinds = [] }: Pick<ArmInfo, 'companions'>,
  options: CompanionOptions,
): Promise<readonly Companion[]> {
  const started: Companion[] = [];
  try {
    // In order: one may need the address of another.
    for (const kind of kinds) started.push(await COMPANIONS[kind](options));
    return started;
  } catch (error) {
    throw await afterEnding(error, () => stopCompanions(started));
  }
}

export async function stopCompanions(companions: readonly Companion[]): Promise<void> {
  await stopInOrder([companions]);
}

/** For the start message of a replica; empty if the arm needs none. */
export function companionsMessage(companions: readonly Companion[]): { companions?: CompanionAddresses } {
  if (companions.length === 0) return {};
  return { companions: Object.fromEntries(companions.map(({ kind, address }) => [kind, { ...address }])) };
}

/** Whether an arm declares a companion that can be broken: any except a file. */
export function declaresBreakable({ companions = [] }: Pick<ArmInfo, 'companions'>): boolean {
  return companions.some((kind) => kind !== 'sqlite');
}

/** The companion that stores the arm's state and can be broken. */
export function breakable(companions: readonly Companion[]): Companion | null {
  return companions.find(({ faults }) => faults !== undefined) ?? null;
}
