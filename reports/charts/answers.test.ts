import { expect, test } from 'vitest';
import { referencePair } from '../../core/results/arms.ts';
import { chainRows } from '../testing/chain-rows.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { answersOf } from './answers.ts';

const answersTo = (figures: ReturnType<typeof sampleRun>['figures']) =>
  answersOf(buildView({ ...sampleRun(), figures })).map(({ text }) => text);

test('a run of another experiment with both reference arms is answered by its measurements', () => {
  const answers = answersTo(chainRows());
  expect(answers.join(' ')).toContain('Each further hop adds');
  expect(answers.join(' ')).not.toContain('was not measured');
});

test('a run that compares their cost says that it did not measure revocation', () => {
  const figures = sampleRun().figures.filter(({ experiment }) => experiment === 'toll');
  expect(answersTo(figures).join(' ')).toContain(
    'How long each remains valid after revocation was not measured in this run: npm run bench -- --experiments revocation',
  );
});

test('a run that measured the revocation of one of the two names the other', () => {
  const { session = '', token = '' } = referencePair(sampleRun().arms) ?? {};
  const figures = sampleRun().figures.filter(({ experiment, arm }) => experiment !== 'revocation' || arm !== token);
  const answers = answersTo(figures).join(' ');
  expect(answers).toContain(`How long ${token} remains valid after revocation was not measured`);
  expect(answers).not.toContain(`How long ${session}`);
});
