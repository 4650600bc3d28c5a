/** Which measurements exist, and how good they are. */
import { evidenceOf } from '../../from-run.ts';
import { knownRun } from '../known-run.ts';
import { API, BROWSER, type Case, MINUTES, within } from './case.ts';

export const EVIDENCE: readonly Case[] = [
  {
    needs: 'an API, with figures of a real run',
    given: API,
    run: 'recorded',
    first: ['jwt-hs256', 'jwt-refresh'],
    certainty: 'tied',
    out: { 'session-redis': 'api' },
    because:
      'measured in pairs: 0.77 × [0.66–0.88] of jwt-refresh, which one start of eight blocks and 21 pairs do not bear',
  },
  {
    needs: 'pages in a browser, at once, with figures of a real run',
    given: { ...BROWSER, ...within(5000) },
    run: 'recorded',
    first: ['session-redis'],
    certainty: 'only',
    out: { 'jwt-hs256': 'revocation', 'session-redis-lean': 'craft', dual: 'surface', 'jwt-denylist': 'script' },
    because: 'OWASP Session Management Cheat Sheet, as above',
  },
  {
    needs: 'an arm that failed a security check',
    given: { ...BROWSER, ...within(0) },
    run: evidenceOf(knownRun({ arms: ['none', 'session-redis'], flags: ['gate-failed'] })),
    first: [],
    certainty: 'none',
    out: { 'session-redis': 'gate' },
    conflicts: [['gate']],
    because: 'what breaks a promise has no cost of keeping it',
  },
  {
    needs: 'intervals as wide as the differences',
    given: { ...API, ...within(5 * MINUTES) },
    run: evidenceOf(knownRun({ spread: 0.7, flags: ['interval-wide'] })),
    first: ['jwt-denylist', 'jwt-refresh'],
    certainty: 'tied',
    because: 'no order without a comparison that supports it',
  },
  {
    needs: 'one sample of each',
    given: { ...API, ...within(5 * MINUTES) },
    run: evidenceOf(knownRun({ oneSample: true })),
    first: [],
    certainty: 'unranked',
    because: 'one sample shows no order',
  },
  {
    needs: 'a run without the costs',
    given: { ...API, ...within(5 * MINUTES) },
    run: evidenceOf(knownRun({ experiments: ['store'] })),
    first: [],
    certainty: 'unranked',
    because: 'nothing was compared',
  },
];
