import { expect, test } from 'vitest';
import { THIN } from '../../core/text/format.ts';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { secondOpinions } from './second-opinion.ts';

const at = (replicas: number, own: number, wrk: number) => {
  const of = (engine: string) => ({ experiment: 'scale', factors: { replicas, engine }, spread: 0.01 });
  return [
    figure('jwt-hs256', 'engine_throughput_rps', own, of('tollgate')),
    figure('jwt-hs256', 'engine_throughput_rps', wrk, of('wrk')),
    figure('jwt-hs256', 'throughput_ratio_to_engine', own / wrk, of('wrk')),
  ];
};

test('the largest number of replicas is reported, with both rates and their ratio', () => {
  const [opinion, ...others] = secondOpinions({ ...sampleRun(), figures: [...at(1, 100, 100), ...at(4, 900, 1000)] });
  expect(others).toEqual([]);
  expect(opinion?.text).toBe(
    `Second opinion: with 4 replicas of jwt-hs256, our load generator reaches 0.900× [0.891–0.909] the throughput that wrk does, in turns: 900${THIN}req/s [891–909] against 1,000${THIN}req/s [990–1,010].`,
  );
  expect(opinion?.figures).toHaveLength(3);
});

test('one turn of each is reported as such, and not as an estimate', () => {
  const once = at(4, 900, 1000).map((one) => ({ ...one, low: one.value, high: one.value, blocks: 1, forks: 1 }));
  const [opinion] = secondOpinions({ ...sampleRun(), figures: once });
  expect(opinion?.text).toContain('0.900× the throughput that wrk does, in one turn each, which');
});

test('nothing is reported unless it was requested', () => {
  expect(secondOpinions(sampleRun())).toEqual([]);
});
