/** Needs with a known answer, from standards, published guides and arithmetic. */
import type { Advice } from '../../advise.ts';
import type { RunEvidence } from '../../evidence.ts';
import type { Needs } from '../../needs.ts';
import type { Rule } from '../../reason.ts';

export interface Case {
  readonly needs: string;
  readonly given: Partial<Needs>;
  /** The costs: those of `known-run.ts` by default, or those of a recorded run. */
  readonly run?: RunEvidence | 'recorded';
  readonly first: readonly string[];
  readonly certainty: Advice['certainty'];
  /** Arms that must be ruled out, with one of the needs that must do so. */
  readonly out?: Readonly<Record<string, Rule>>;
  readonly conflicts?: readonly (readonly Rule[])[];
  readonly because: string;
}

export const BROWSER: Partial<Needs> = { clients: ['browser'], keepFromScripts: true };
export const API: Partial<Needs> = { clients: ['api'], keepFromScripts: false };
export const MOBILE: Partial<Needs> = { clients: ['mobile'], keepFromScripts: false };
export const MINUTES = 60_000;

export const within = (ms: number): Partial<Needs> => ({ revokeWithinMs: ms, criticalWithinMs: ms });
