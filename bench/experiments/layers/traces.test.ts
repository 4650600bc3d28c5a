import { expect, it } from 'vitest';
import { armInfo } from '../../testing/arm-info.ts';
import { LAYERS, TRACES_LAYER } from './list.ts';
import { layeredKey, layersSpecs } from './plan.ts';
import { missingForTraces, spansNote, startSink } from './traces.ts';

it('sends spans only from the traced layer to the collector', () => {
  const traceEndpoint = 'http://127.0.0.1:4318/v1/traces';
  const tls = { certificate: '', privateKey: '' };
  const specs = layersSpecs([armInfo('none')], LAYERS, { tls, traceEndpoint });
  const traced = specs.filter(({ settings }) => settings?.traceEndpoint === traceEndpoint);
  expect(traced.map(({ key }) => key)).toEqual([layeredKey('none', TRACES_LAYER)]);
});

it('finds which package is missing', () => {
  expect(missingForTraces()).toBeNull();
  const without = (missing: string) => (name: string) => {
    if (name === missing) throw new Error('not found');
    return name;
  };
  expect(missingForTraces(without('@opentelemetry/sdk-trace'))).toBe('@opentelemetry/sdk-trace');
});

it('accepts and confirms every batch', async () => {
  const sink = await startSink();
  const answer = await fetch(sink.url, { method: 'POST', body: '{"resourceSpans":[]}' });
  expect([answer.status, await answer.text()]).toEqual([200, '{}']);
  sink.close();
});

it('reports how many spans arrived, and nothing if there were none', () => {
  expect(spansNote([])).toBeNull();
  const note = spansNote([
    { made: 3_000, arrived: 500 },
    { made: 1_000, arrived: 500 },
  ]);
  expect(note).toMatch(/^of 4,000 spans 1,000 \(25 %\) had reached the collector/);
});
