/** A run whose servers and generators are on other hosts. */
import type { HostsPlan } from '../hosts/config/read.ts';
import { Hosts } from '../hosts/hosts.ts';
import type { Janitor } from '../processes/janitor.ts';
import type { ControlGroups } from './run.ts';

interface HostsOptions {
  readonly hosts?: HostsPlan | null;
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
}

/** Control groups of this machine cannot contain processes of another one. */
export const ELSEWHERE: ControlGroups = {
  shares: 'replicas are on their own hosts',
  accounts: 'each host reads its own',
};

/** @throws {TollgateError} if a host cannot be used */
export async function openHosts(
  { hosts = null, signal, onNote }: HostsOptions,
  janitor: Janitor,
): Promise<Hosts | null> {
  if (hosts === null) return null;
  try {
    return await Hosts.open({ plan: hosts, janitor, signal, onNote });
  } catch (error) {
    await janitor.finish();
    throw error;
  }
}
