import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askNeeds } from './questions.ts';

/** A terminal at which someone types a line after each question. */
function typing(lines: readonly string[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const rest = [...lines];
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (!/\]: $/.test(shown)) return;
    const next = rest.shift();
    if (next === undefined) input.end();
    else input.write(next);
  });
  return { terminal: { input, output }, shown: () => shown };
}

const never = new AbortController().signal;

it('asks for one need after another, and shows the default of each', async () => {
  const { terminal, shown } = typing(['2e6\n', '\n', 'browser,api\n', '\n', '\n', '5s\n', '\n', '10\n', '\n', '\n']);
  expect(await askNeeds(terminal, never)).toEqual({
    users: '2e6',
    rps: '10000',
    clients: 'browser,api',
    'cross-origin': 'no',
    'keep-from-scripts': 'yes',
    'revoke-within': '5s',
    'critical-within': '5s',
    'critical-share': '10',
    outage: 'refuse',
    rtt: '0.3ms',
  });
  expect(shown()).toContain('Requests a second [10000]: ');
});

it('asks again after an invalid answer, and skips questions that other answers make pointless', async () => {
  const { terminal, shown } = typing(['many\n', '1000\n', '\n', 'api\n', '0\n', '\n', '\n', '\n']);
  const given = await askNeeds(terminal, never);
  expect(given).toMatchObject({ users: '1000', clients: 'api', 'revoke-within': '0' });
  expect(given).not.toHaveProperty('cross-origin');
  expect(given).not.toHaveProperty('critical-within');
  expect(shown()).toContain('--users: "many" must be a number');
});

it('ends immediately when the input ends or it is aborted', async () => {
  expect(await askNeeds(typing(['2e6\n']).terminal, never)).toBeNull();
  const { terminal } = typing([]);
  const controller = new AbortController();
  const asked = askNeeds({ ...terminal, input: new PassThrough() }, controller.signal);
  controller.abort();
  expect(await asked).toBeNull();
});

it('exits on Ctrl-C in a terminal', async () => {
  const { terminal } = typing(['\u0003']);
  const input = Object.assign(terminal.input, { isTTY: true, setRawMode: () => terminal.input });
  expect(await askNeeds({ input, output: terminal.output }, never)).toBeNull();
});
