/** The text output of a calibration and of a drive. */

import type { PercentileValue } from '../../core/results/histogram.ts';
import { formatCount, formatFixed } from '../../core/text/format.ts';
import type { Row } from './compare.ts';
import type { DriveReport } from './drive-url.ts';
import type { Calibration } from './store.ts';

/** Columns as wide as their widest cell; the first three to the left, the rest to the right. */
function align(rows: readonly (readonly string[])[], leftColumns: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < leftColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function figure(value: number): string {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? formatCount(value) : formatFixed(value, 1);
}

function verdict({ ok, judged, disturbed }: Row): string {
  if (ok) return 'ok';
  if (!judged) return 'off';
  return disturbed ? 'MISSED (disturbed)' : 'MISSED';
}

export function calibrationText({
  rows,
  verdict: outcome,
  disturbedRounds,
  rounds,
  loopbackMicros,
  notes,
}: Calibration): string {
  const head = ['server', 'generator', 'quantity', 'truth', 'measured', 'error', 'allowed', 'unit', ''];
  const table = rows.map((row) => [
    row.server,
    row.driver,
    row.quantity,
    figure(row.truth),
    figure(row.measured),
    `${row.error > 0 ? '+' : ''}${figure(row.error)}`,
    figure(row.allowed),
    row.unit,
    verdict(row),
  ]);
  const missed = rows.filter(({ judged, ok }) => judged && !ok).length;
  const lines = [align([head, ...table], 3), ''];
  lines.push(
    outcome === 'passed' ? `passed (${rounds} rounds)` : `FAILED: ${missed} targets missed (${rounds} rounds)`,
  );
  lines.push(
    `The true percentile is the server's own time plus the round trip over loopback: ${figure(loopbackMicros)} µs at the median, measured with plain sockets.`,
  );
  if (rows.some(({ judged }) => !judged)) {
    lines.push(
      'autocannon and wrk are shown only for comparison: both send as fast as responses arrive, and wrk corrects its percentiles by an estimated interval.',
    );
  }
  if (disturbedRounds > 0) {
    lines.push(
      `The machine disturbed ${disturbedRounds} measurements (a stall of 10 ms, or other processes on its cores), even when repeated. That may have caused missed targets: repeat the calibration on an idle machine.`,
    );
  }
  lines.push(...notes);
  return `${lines.join('\n')}\n`;
}

const milliseconds = (micros: number) => formatFixed(micros / 1000, 2);

export function driveText(report: DriveReport): string {
  const asked = report.askedRate === null ? '' : ` of ${report.askedRate} requested`;
  const statuses = Object.entries(report.statuses).map(([status, count]) => `${status}: ${count}`);
  const at = (values: readonly PercentileValue[] | null, index: number) => {
    const value = values?.[index];
    return value === undefined ? '–' : milliseconds(value.micros);
  };
  const table = report.servicePercentiles.map(({ percentile }, index) => [
    `p${percentile}`,
    ...(report.correctedPercentiles === null ? [] : [at(report.correctedPercentiles, index)]),
    at(report.servicePercentiles, index),
  ]);
  const head = ['ms', ...(report.correctedPercentiles === null ? [] : ['from intended send']), 'from actual send'];
  const lines = [
    `${report.mode} loop, ${report.url}, ${report.seconds} s`,
    `${figure(report.achievedRate)} req/s${asked}; ${report.answered} answered (${statuses.join(', ') || 'none'}), ${report.failed} failed, ${report.timedOut} timed out${report.inFlightAtEnd === null ? '' : `, ${report.inFlightAtEnd} in flight at the end`}`,
    '',
    align([head, ...table], 1),
  ];
  if (report.closedByServer !== null && report.closedByServer > 0)
    lines.push(
      '',
      `the server closed the connection after ${report.closedByServer} of ${report.answered} answers; opening a new one is included in the rate, but not in the latency`,
    );
  if (report.generatorLate !== null && report.connectionWait !== null) {
    lines.push(
      '',
      `sent late by more than 1 ms: ${report.generatorLate} by the generator, ${report.connectionWait} because no connection was free`,
    );
  }
  return `${lines.join('\n')}\n`;
}
