/** Asks for the needs on a terminal, one line each. */
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { CLIENTS, type Client, DEFAULT_NEEDS, hidesFromScripts } from '../../core/advise/needs.ts';
import type { Faults } from '../command.ts';
import { type NeedFlag, readNeeds } from '../options/advise.ts';

interface Question {
  readonly flag: NeedFlag;
  readonly text: string;
  readonly other: (given: Readonly<Record<string, string>>) => string;
  /** Whether the question is asked; an earlier answer may make it pointless. */
  readonly isAsked?: (given: Readonly<Record<string, string>>) => boolean;
}

const hasBrowser = ({ clients = '' }: Readonly<Record<string, string>>) => clients.includes('browser');
const hasDeadline = (given: Readonly<Record<string, string>>) => given['revoke-within'] !== '0';

const QUESTIONS: readonly Question[] = [
  { flag: 'users', text: 'Users logged in at the same time', other: () => String(DEFAULT_NEEDS.users) },
  { flag: 'rps', text: 'Requests a second', other: () => String(DEFAULT_NEEDS.requestsPerSecond) },
  { flag: 'clients', text: `Clients (${CLIENTS.join(', ')})`, other: () => DEFAULT_NEEDS.clients.join(',') },
  {
    flag: 'cross-origin',
    text: 'Is it called by pages of another site (yes, no)',
    other: () => 'no',
    isAsked: hasBrowser,
  },
  {
    flag: 'keep-from-scripts',
    text: 'Must the credential be hidden from scripts (yes, no)',
    other: (given) =>
      hidesFromScripts((given.clients ?? '').split(',') as Client[], given['cross-origin'] === 'yes') ? 'yes' : 'no',
    isAsked: hasBrowser,
  },
  {
    flag: 'revoke-within',
    text: 'A revoked credential must be refused within (0, 5s, 15m, never)',
    other: () => 'never',
  },
  {
    flag: 'critical-within',
    text: 'And for critical operations within',
    other: (given) => given['revoke-within'] ?? 'never',
    isAsked: hasDeadline,
  },
  {
    flag: 'critical-share',
    text: 'Critical operations, percent of all',
    other: () => String(DEFAULT_NEEDS.criticalShare * 100),
  },
  {
    flag: 'outage',
    text: 'While Redis is unavailable (refuse requests, answer reads)',
    other: () => DEFAULT_NEEDS.outage,
  },
  { flag: 'rtt', text: 'Round-trip time to Redis', other: () => `${DEFAULT_NEEDS.rttMs}ms` },
];

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** @returns the answers by flag; null if the user pressed Ctrl-C or Ctrl-D */
export async function askNeeds(
  { input, output }: Terminal,
  signal: AbortSignal,
): Promise<Record<string, string> | null> {
  const lines = createInterface({ input, output, terminal: 'isTTY' in input && input.isTTY === true });
  const left = new AbortController();
  const leave = () => left.abort();
  // In a terminal readline handles Ctrl-C itself, and closing it leaves a pending question unresolved.
  lines.on('SIGINT', leave);
  lines.on('close', leave);
  const given: Record<string, string> = {};
  try {
    for (const { flag, text, other, isAsked } of QUESTIONS) {
      if (isAsked?.(given) === false) continue;
      const usual = other(given);
      for (;;) {
        const answer = await lines.question(`${text} [${usual}]: `, { signal: AbortSignal.any([signal, left.signal]) });
        const faults: Faults = [];
        const value = answer.trim() === '' ? usual : answer.trim();
        readNeeds({ ...given, [flag]: value }, faults);
        if (faults.length === 0) {
          given[flag] = value;
          break;
        }
        output.write(`${faults.join('\n')}\n`);
      }
    }
    return given;
  } catch (error) {
    if (left.signal.aborted || signal.aborted) {
      output.write('\n');
      return null;
    }
    throw error;
  } finally {
    lines.off('close', leave);
    lines.close();
  }
}
