import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { profile } from './profile.ts';
import { WIDE } from './shapes/chart.ts';

const experiment = 'hot-path';
const cost = (arm: string, name: string, us: number) =>
  figure(arm, 'profile_us', us, { experiment, factors: { package: name } });
const toll = (arm: string, name: string, us: number) =>
  figure(arm, 'profile_toll_us', us, { experiment, factors: { package: name } });
const viewOf = (figures: ReturnType<typeof cost>[]) => buildView({ ...sampleRun(), figures });

test('the sentence names the package that adds most, and not the one that costs most', () => {
  const sentence = profile.sentence(
    viewOf([cost('jwt-hs256', 'node:net', 50), toll('jwt-hs256', 'node:net', 1), toll('jwt-hs256', 'fast-jwt', 9)]),
  );
  expect(sentence).toContain('fast-jwt in jwt-hs256: an estimated 9');
  expect(sentence).not.toContain('node:net');
});

test('without a baseline the sentence speaks of cost', () => {
  expect(profile.sentence(viewOf([cost('jwt-hs256', 'fast-jwt', 9)]))).toContain('The most expensive package');
});

test('packages beyond the colours are drawn as one part, so that every row still adds up', () => {
  const many = Array.from({ length: 12 }, (_, i) => cost('none', `package-${i}`, 20 - i));
  const spec = JSON.stringify(profile.spec(viewOf(many), WIDE));
  expect(spec).toContain('"4 smaller packages"');
  const ends = [...spec.matchAll(/"to":([\d.]+)/g)].map(([, to]) => Number(to));
  // 20 + 19 + … + 9
  expect(Math.max(...ends.filter((end) => end !== WIDE.width))).toBeCloseTo(174, 6);
});

test('arms stand in the order of their cost', () => {
  const spec = JSON.stringify(profile.spec(viewOf([cost('jwt-hs256', 'a', 60), cost('none', 'a', 30)]), WIDE));
  expect(spec.indexOf('"label":"none"')).toBeLessThan(spec.indexOf('"label":"jwt-hs256"'));
});
