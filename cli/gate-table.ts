/** The gate's result, and the kill matrix, as text for the terminal. Pure. */
import type { KillMatrix } from '../bench/gate/mutants/matrix.ts';
import type { GateResult, GateVerdict } from '../core/results/gate-schema.ts';
import { table } from '../core/text/layout.ts';

const MARKS: Readonly<Record<GateVerdict, string>> = { pass: '+', fail: 'FAIL', limit: 'limit', 'not-applicable': '·' };
/** A check that the quick subset, or --checks, skips for an arm. */
const NOT_RUN = 'not run';
const LEGEND =
  '+ passed; limit: not promised, as declared; · nothing to check; not run: not part of this run; FAIL: reasons below';

function count(result: GateResult, verdict: GateVerdict): number {
  return result.arms.reduce((sum, { outcomes }) => sum + outcomes.filter((o) => o.verdict === verdict).length, 0);
}

/** A row for each check and a column for each arm, in as many tables as the width requires. */
function matrix(result: GateResult, columns: number): string[] {
  const lines: string[] = [];
  for (let from = 0; from < result.arms.length; from += columns) {
    const arms = result.arms.slice(from, from + columns);
    const head = ['check', ...arms.map(({ arm }) => arm)];
    const rows = result.checks.map(({ id, name }) => [
      `${String(id).padStart(2)} ${name}`,
      ...arms.map(({ outcomes }) => {
        const outcome = outcomes.find(({ check }) => check === id);
        return outcome === undefined ? NOT_RUN : MARKS[outcome.verdict];
      }),
    ]);
    lines.push(...table([head, ...rows]), '');
  }
  return lines;
}

/** Every outcome of one verdict, with its detail. */
function details(result: GateResult, verdict: GateVerdict): string[] {
  return result.arms.flatMap(({ arm, outcomes }) =>
    outcomes.filter((o) => o.verdict === verdict).map(({ check, detail }) => `  ${arm} · check ${check}: ${detail}`),
  );
}

const COLUMNS = 4;

export function gateTable(result: GateResult): string[] {
  const failed = details(result, 'fail');
  const limits = details(result, 'limit');
  return [
    ...matrix(result, COLUMNS),
    LEGEND,
    ...(limits.length > 0 ? ['', 'Limits, as the arms declare them:', ...limits] : []),
    ...(failed.length > 0 ? ['', 'Failed:', ...failed] : []),
    '',
    `${count(result, 'pass')} passed, ${count(result, 'limit')} limits, ${count(result, 'fail')} failed, ` +
      `${count(result, 'not-applicable')} not applicable, in ${Math.round(result.durationMs / 1000)} s`,
  ];
}

export function killTable({ rows, faults }: KillMatrix): string[] {
  const killed = rows.filter((row) => row.killed).length;
  return [
    ...table([
      ['mutant', 'check', 'caught', 'also failed', 'run', ''],
      ...rows.map(({ mutant, check, killed, others, run, hole }) => [
        mutant,
        String(check),
        killed ? 'yes' : 'NO',
        others.map((other) => other.check).join(' '),
        String(run),
        hole,
      ]),
    ]).map((line) => line.trimEnd()),
    '',
    ...(faults.length > 0 ? ['Faults:', ...faults.map((fault) => `  ${fault}`), ''] : []),
    `${killed} of ${rows.length} mutants caught, ${faults.length} faults`,
  ];
}
