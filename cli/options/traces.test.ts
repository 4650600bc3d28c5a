import { expect, it } from 'vitest';
import { readTraceEndpoint } from './traces.ts';

it('reads the address of a collector, with the default path if it has none', () => {
  const faults: string[] = [];
  expect(readTraceEndpoint('http://127.0.0.1:4318', faults)).toBe('http://127.0.0.1:4318/v1/traces');
  expect(readTraceEndpoint('https://collector.example/otlp', faults)).toBe('https://collector.example/otlp');
  expect(readTraceEndpoint(undefined, faults)).toBeNull();
  expect(faults).toEqual([]);
});

it.each(['collector:4318', 'grpc://127.0.0.1:4317', 'nonsense'])('refuses %s', (text) => {
  const faults: string[] = [];
  expect(readTraceEndpoint(text, faults)).toBeNull();
  expect(faults).toEqual([expect.stringContaining('such as http://127.0.0.1:4318')]);
});

it.each(['http://me:hunter2@127.0.0.1:4318', 'http://127.0.0.1:4318/v1/traces?key=hunter2'])(
  'refuses credentials in an argument, and does not repeat them',
  (text) => {
    const faults: string[] = [];
    expect(readTraceEndpoint(text, faults)).toBeNull();
    expect(faults).toEqual([expect.stringContaining('OTEL_EXPORTER_OTLP_HEADERS')]);
    expect(faults.join()).not.toContain('hunter2');
  },
);
