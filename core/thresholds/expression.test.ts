import { expect, it } from 'vitest';
import { nearest } from '../text/nearest.ts';
import { parseExpression } from './expression.ts';

const parse = (text: string) => parseExpression(text, { experiments: ['toll', 'latency'], near: nearest });
const fault = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? '' : parsed.fault;
};

it('reads a limit in k6’s syntax', () => {
  expect(parse('cpu_toll_us < 60')).toEqual({
    ok: true,
    expression: {
      text: 'cpu_toll_us < 60',
      metric: 'cpu_toll_us',
      factors: {},
      experiment: null,
      operator: '<',
      limit: 60,
    },
  });
  expect(parse('redis_commands_per_request<=1')).toMatchObject({ ok: true, expression: { operator: '<=', limit: 1 } });
});

it('selects figures by their factors, both numbers and words', () => {
  expect(parse('latency_us{quantile=0.99, timing=corrected} <= 2e3')).toMatchObject({
    ok: true,
    expression: { factors: { quantile: 0.99, timing: 'corrected' }, limit: 2000 },
  });
});

it('reports what is wrong, with suggestions', () => {
  expect(fault('cpu_tol_us < 60')).toMatch(/no metric cpu_tol_us; did you mean cpu_toll_us\?/);
  expect(fault('cpu_toll_us = 60')).toMatch(/unknown comparison =/);
  expect(fault('cpu_toll_us < fast')).toMatch(/fast is not a number/);
  expect(fault('cpu_toll_us')).toMatch(/metric < number/);
  expect(fault('latency_us{quantile} < 60')).toMatch(/not of the form/);
});

it('knows every factor and experiment, and suggests the likely one', () => {
  expect(fault('cpu_toll_us{in_fligt=10} < 60')).toMatch(/no factor in_fligt; did you mean in_flight\?/);
  expect(fault('cpu_toll_us{constructor=10} < 60')).toMatch(/no factor constructor/);
  expect(fault('cpu_toll_us{experiment=tol} < 60')).toMatch(/no experiment tol; did you mean toll\?/);
  expect(parse('latency_us{experiment=latency,quantile=p99} < 60')).toMatchObject({
    ok: true,
    expression: { experiment: 'latency', factors: { quantile: 'p99' } },
  });
});

it('reads factors with multi-word values', () => {
  expect(parse('attack_succeeded{stopped_by=CSRF token} <= 0')).toMatchObject({
    ok: true,
    expression: { factors: { stopped_by: 'CSRF token' } },
  });
});

it('reports every fault of a limit at once', () => {
  const faults = fault('cpu_tol_us{in_fligt=1} = x');
  for (const name of ['cpu_tol_us', 'in_fligt', 'unknown comparison =', 'x is not']) expect(faults).toContain(name);
});
