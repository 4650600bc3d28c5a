/** `npm run truth`: compares the statistics, models and verifiers with published results, and prints the score card. */
import { EXIT } from '../../../core/errors.ts';
import { checkSource, type SourceResult } from '../../../facts/fact.ts';
import { SOURCES } from '../../../facts/registry.ts';
import type { Command } from '../../command.ts';
import { JSON_OUTPUT } from '../../options/shared.ts';
import { print, printJson } from '../../output.ts';

/**
 * The worst deviation among a source's numbers, relative to the precision of its last printed digit. Verdicts are right or
 * wrong.
 */
export function worstOf({ results }: SourceResult): string {
  if (results.every(({ published }) => typeof published === 'string')) {
    return results.every(({ holds }) => holds) ? 'exact' : 'wrong';
  }
  const worst = Math.max(...results.map(({ error }) => error));
  return Number.isFinite(worst) ? `${Math.round(worst * 100)} %` : 'no number';
}

function lines(results: readonly SourceResult[]): string[] {
  const width = Math.max(...results.map(({ subject }) => subject.length)) + 2;
  return results.flatMap((source) => {
    const held = source.results.filter(({ holds }) => holds).length;
    const score = `${held} of ${source.results.length}`;
    return [
      `${held === source.results.length ? '✓' : '✗'} ${source.subject.padEnd(width)}${score.padStart(8)}${worstOf(source).padStart(11)}`,
      `    ${source.source}`,
      ...source.results
        .filter(({ holds }) => !holds)
        .map(({ what, published, ours }) => `    MISSED ${what}: published ${published}, here ${ours}`),
    ];
  });
}

export const truth: Command = {
  flags: { json: JSON_OUTPUT },
  examples: [{ args: '', does: 'the score card, in one or two seconds' }],
  notes: async () => [
    'Each line is a publication, or the output of another program: how many of its facts are reproduced, and the largest error as',
    'a share of half a unit in the last digit that was printed. It exits with 1 if a fact does not hold.',
  ],
  async run({ switches, refuseFaults }) {
    refuseFaults();
    const results = SOURCES.map(checkSource);
    const all = results.flatMap((source) => source.results);
    const missed = all.filter(({ holds }) => !holds).length;
    if (switches.has('json')) printJson({ sources: results, facts: all.length, missed });
    else {
      print(lines(results).join('\n'));
      print(
        `\n${all.length} facts of ${results.length} sources: ${missed === 0 ? 'all hold' : `${missed} do not hold`}.`,
      );
    }
    return missed === 0 ? EXIT.done : EXIT.failed;
  },
};
