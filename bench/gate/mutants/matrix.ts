/** The kill matrix: which check failed which mutant, and what that proves about the checks. Pure. */
import type { GateOutcome } from '../../../core/results/gate-schema.ts';
import type { Check } from '../check.ts';
import type { MutantInfo } from './list.ts';

export interface KillRow {
  readonly mutant: string;
  readonly hole: string;
  /** The check that must fail. */
  readonly check: number;
  /** Whether it failed. */
  readonly killed: boolean;
  /** Its observation. */
  readonly detail: string;
  /** Other checks that failed too, with the declared reason, or null without one. */
  readonly others: readonly { readonly check: number; readonly detail: string; readonly declared: string | null }[];
  /** The number of applicable checks that were run on it, its own included. */
  readonly run: number;
}

export interface KillMatrix {
  readonly rows: readonly KillRow[];
  /** Checks that killed no mutant, so passing them proves nothing. */
  readonly unproven: readonly number[];
  /** One line for each fault; empty if every check caught its own mutants and no others. */
  readonly faults: readonly string[];
}

export function killRow(mutant: MutantInfo, outcomes: readonly GateOutcome[]): KillRow {
  const own = outcomes.find(({ check }) => check === mutant.check);
  const declaredFor = (check: number) => mutant.alsoFails[check] ?? null;
  const others = outcomes.filter(({ check }) => check !== mutant.check);
  return {
    mutant: mutant.name,
    hole: mutant.hole,
    check: mutant.check,
    killed: own?.verdict === 'fail',
    detail: own === undefined ? 'the check was not run' : own.detail,
    others: others
      .filter(({ verdict }) => verdict === 'fail')
      .map(({ check, detail }) => ({ check, detail, declared: declaredFor(check) })),
    run: outcomes.filter(({ verdict }) => verdict !== 'not-applicable').length,
  };
}

/** @param checks the checks that need a mutant each */
export function killMatrix(rows: readonly KillRow[], checks: readonly Pick<Check, 'id'>[]): KillMatrix {
  const proven = new Set(rows.filter(({ killed }) => killed).map(({ check }) => check));
  const unproven = checks.map(({ id }) => id).filter((id) => !proven.has(id));
  return { rows, unproven, faults: [...rows.flatMap(faultsOf), ...unproven.map(withoutMutant)] };
}

const withoutMutant = (check: number) => `check ${check} caught no mutant, so what passes it proves nothing`;

function faultsOf({ mutant, check, killed, detail, others }: KillRow): string[] {
  return [
    ...(killed ? [] : [`check ${check} did not catch ${mutant}: ${detail}`]),
    ...others
      .filter(({ declared }) => declared === null)
      .map((other) => `check ${other.check} failed ${mutant}, which is not of its kind: ${other.detail}`),
  ];
}
