/** A recorded run presented as a current one: its journal, to be written piece by piece. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const RECORDED = new URL('../../../reports/testing/recorded/quick.journal.jsonl.gz', import.meta.url);

type Line = Record<string, unknown>;

/**
 * The lines of a recorded quick run: the experiments toll, scale and hot-path, in this order.
 *
 * @param agoSeconds how long ago it started
 */
export function recordedLines(agoSeconds: number): readonly string[] {
  const lines = gunzipSync(readFileSync(RECORDED)).toString().trim().split('\n');
  const parsed = lines.map((line) => JSON.parse(line) as Line);
  const began = Date.parse(String(parsed[0]?.startedAt));
  const moved = (at: unknown) =>
    new Date(Date.now() - agoSeconds * 1000 + Date.parse(String(at)) - began).toISOString();
  return parsed.map((line) =>
    JSON.stringify({
      ...line,
      ...('at' in line ? { at: moved(line.at) } : {}),
      ...('startedAt' in line ? { startedAt: moved(line.startedAt) } : {}),
    }),
  );
}

/** The index after the nth line of a kind. */
export function afterLine(lines: readonly string[], kind: string, n = 1): number {
  let seen = 0;
  return lines.findIndex((line) => (JSON.parse(line) as Line).kind === kind && ++seen === n) + 1;
}
