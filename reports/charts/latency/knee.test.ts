import { expect, test } from 'vitest';
import { findKnee } from './knee.ts';

function at(load: number, value: number, half = 0.1) {
  return { load, value, low: value - half, high: value + half };
}

test('the knee lies between the last load below twice the lowest and the first that is not', () => {
  expect(findKnee([at(50, 4), at(75, 5), at(90, 9), at(95, 20)])).toEqual({
    from: 50,
    within: 75,
    beyond: 90,
    certain: true,
  });
});

test('the order of the points does not matter', () => {
  expect(findKnee([at(95, 20), at(50, 4), at(90, 9), at(75, 5)])).toEqual({
    from: 50,
    within: 75,
    beyond: 90,
    certain: true,
  });
});

test('latency that never doubles has no knee within the measured range', () => {
  expect(findKnee([at(50, 4), at(90, 7)])).toEqual({ from: 50, within: 90, beyond: null, certain: true });
});

test('latency that doubles at once has its knee right after the lowest load', () => {
  expect(findKnee([at(50, 4), at(75, 30), at(90, 40)])).toEqual({ from: 50, within: 50, beyond: 75, certain: true });
});

test('exactly twice does not count as below twice', () => {
  expect(findKnee([at(50, 4, 0), at(90, 8, 0)])).toEqual({ from: 50, within: 50, beyond: 90, certain: true });
});

test('a dip after the knee does not move it', () => {
  expect(findKnee([at(50, 4), at(75, 9), at(90, 5)])?.within).toBe(50);
});

test('wide intervals make it uncertain, on either side', () => {
  expect(findKnee([at(50, 4), at(75, 7.9, 1), at(90, 30)])?.certain).toBe(false);
  expect(findKnee([at(50, 4), at(75, 5), at(90, 8.5, 2)])?.certain).toBe(false);
});

test('a single load shows no knee', () => {
  expect(findKnee([at(50, 4)])).toBeNull();
  expect(findKnee([])).toBeNull();
});
