import { expect, it } from 'vitest';
import { nearest } from '../text/nearest.ts';
import { parseExpression } from './expression.ts';

const parse = (text: string) => parseExpression(text, nearest);
const fault = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? '' : parsed.fault;
};

it('reads a limit as k6 writes it', () => {
  expect(parse('cpu_toll_us < 60')).toEqual({
    ok: true,
    expression: { text: 'cpu_toll_us < 60', metric: 'cpu_toll_us', factors: {}, operator: '<', limit: 60 },
  });
  expect(parse('redis_commands_per_request<=1')).toMatchObject({ ok: true, expression: { operator: '<=', limit: 1 } });
});

it('chooses figures by their factors, numbers and words', () => {
  expect(parse('latency_us{quantile=0.99, timing=corrected} <= 2e3')).toMatchObject({
    ok: true,
    expression: { factors: { quantile: 0.99, timing: 'corrected' }, limit: 2000 },
  });
});

it('says what is wrong, and what was likely meant', () => {
  expect(fault('cpu_tol_us < 60')).toMatch(/no metric cpu_tol_us; did you mean cpu_toll_us\?/);
  expect(fault('cpu_toll_us = 60')).toMatch(/= is no comparison/);
  expect(fault('cpu_toll_us < fast')).toMatch(/fast is not a number/);
  expect(fault('cpu_toll_us')).toMatch(/metric < number/);
  expect(fault('latency_us{quantile} < 60')).toMatch(/not of the form/);
});
