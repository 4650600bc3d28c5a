import { expect, it } from 'vitest';
import type { Command } from '../command.ts';
import { COMMANDS } from '../registry.ts';
import { STORE_SERVER } from './store-server.ts';
import { readWatching, WATCHING } from './watching.ts';

function read(values: Record<string, string>) {
  const faults: string[] = [];
  return { ...readWatching({ values, faults }), faults };
}

it('reads the ways to follow a run', () => {
  expect(read({})).toEqual({ metricsPort: null, traceEndpoint: null, faults: [] });
  expect(read({ 'metrics-port': '0', 'trace-endpoint': 'http://127.0.0.1:4318' })).toEqual({
    metricsPort: 0,
    traceEndpoint: 'http://127.0.0.1:4318/v1/traces',
    faults: [],
  });
});

it('reports every fault', () => {
  const { faults } = read({ 'metrics-port': '70000', 'trace-endpoint': 'ftp://x' });
  expect(faults).toHaveLength(2);
  expect(faults.join('\n')).toMatch(/--metrics-port.*\n--trace-endpoint/);
});

const commandNamed = async (name: string): Promise<Command> => {
  const entry = COMMANDS.find((one) => one.name === name);
  return entry?.load() ?? expect.fail(`there is no command ${name}`);
};

it.each(['bench', 'micro', 'capacity', 'target'])('%s makes a run, so it has these flags', async (name) => {
  expect((await commandNamed(name)).flags).toMatchObject(WATCHING);
});

it.each([
  ...['bench', 'micro', 'capacity', 'gate', 'compare', 'bisect', 'aa', 'fuzz'],
  ...['target', 'published', 'precision', 'frameworks'],
])('%s starts a Redis, which can be another server', async (name) => {
  expect((await commandNamed(name)).flags).toMatchObject(STORE_SERVER);
});
