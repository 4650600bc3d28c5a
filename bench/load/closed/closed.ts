/**
 * Closed-loop load at saturation: connections that each send one request after another, without recording latency. On
 * a small machine generator and server share the cores, so it does as little per request as possible.
 */
import type { LoadOptions, Target } from '../protocol.ts';
import type { Tally } from '../replies.ts';
import { type OnWindow, saturate } from './walk.ts';

export interface ClosedOptions extends Omit<LoadOptions<'closed'>, 'target'> {
  readonly onWindow?: OnWindow;
}

/**
 * Connection i goes to address i mod N with credential floor(i / N), so every replica sees every user. @returns the
 * responses within the window @throws ConnectionError if a replica cannot be connected to
 */
export function closedSlice(target: Target, { connections, ...window }: ClosedOptions): Promise<Tally> {
  return saturate(target, { walkers: connections, spreading: 'connection', ...window }, null);
}
