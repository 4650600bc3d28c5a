/** Starts what an arm needs in addition to its replicas and Redis. */

import type { CompanionAddresses } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Companion, CompanionOptions } from './companion.ts';
import { COMPANIONS } from './registry.ts';

/** @throws what the first of them failed with, once those that started are stopped */
export async function startCompanions(
  { companions: kinds = [] }: Pick<ArmInfo, 'companions'>,
  options: CompanionOptions,
): Promise<readonly Companion[]> {
  const started: Companion[] = [];
  try {
    // One after the other: one may need the address of another.
    for (const kind of kinds) started.push(await COMPANIONS[kind](options));
    return started;
  } catch (error) {
    await stopCompanions(started);
    throw error;
  }
}

export async function stopCompanions(companions: readonly Companion[]): Promise<void> {
  await Promise.all(companions.map((companion) => companion.stop()));
}

/** For the start message of a replica; empty where the arm needs none. */
export function companionsMessage(companions: readonly Companion[]): { companions?: CompanionAddresses } {
  if (companions.length === 0) return {};
  return { companions: Object.fromEntries(companions.map(({ kind, address }) => [kind, { ...address }])) };
}

/** Whether an arm declares a companion that can be broken: all but files. */
export function declaresBreakable({ companions = [] }: Pick<ArmInfo, 'companions'>): boolean {
  return companions.some((kind) => kind !== 'sqlite');
}

/** The companion that holds the arm's state, and can be broken. */
export function breakable(companions: readonly Companion[]): Companion | null {
  return companions.find(({ faults }) => faults !== undefined) ?? null;
}
