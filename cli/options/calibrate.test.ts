import { describe, expect, it } from 'vitest';
import { isLoopback, loopbackAddress } from '../../bench/calibrate/loopback.ts';
import { parseArguments } from '../parse/arguments.ts';
import { CALIBRATE_FLAGS, readCalibrateOptions } from './calibrate.ts';

function parse(words: readonly string[]) {
  const parsed = parseArguments(words, { flags: CALIBRATE_FLAGS });
  const options = readCalibrateOptions(parsed);
  return { options, faults: parsed.faults };
}
const options = (words: readonly string[]) => {
  const parsed = parse(words);
  expect(parsed.faults).toEqual([]);
  return parsed.options;
};
const faults = (...words: string[]) => parse(words).faults;

describe('the command line', () => {
  it('calibrates by default', () => {
    expect(options([])).toEqual({ does: 'calibrate', rounds: 3, out: 'results', json: false });
    expect(options(['--rounds', '5', '--out=x', '--json'])).toEqual({
      does: 'calibrate',
      rounds: 5,
      out: 'x',
      json: true,
    });
  });

  it('loads a URL in an open loop with a rate, and in a closed one without', () => {
    const url = 'http://127.0.0.1:3000/me?x=1';
    expect(options(['--url', url, '--rate', '1000.5', '--seconds', '2s'])).toMatchObject({
      does: 'drive',
      rate: 1000.5,
      connections: 64,
      seconds: 2,
    });
    expect(options(['--url', url, '--connections', '7'])).toMatchObject({
      rate: null,
      connections: 7,
      seconds: 10,
    });
  });

  it('reports every fault at once', () => {
    const all = faults(
      'word',
      '--bogus',
      '--url',
      'https://localhost/',
      '--rate',
      '-1',
      '--rounds',
      '2',
      '--json=1',
      '--seconds',
    );
    expect(all.map((fault) => /--\w+|"word"/.exec(fault)?.[0])).toEqual([
      '--bogus',
      '--json',
      '--seconds',
      '"word"',
      '--rounds',
      '--rate',
      '--url',
    ]);
  });

  it.each([
    [['--url', 'http://localhost/'], 'needs --rate'],
    [['--rate', '5'], 'needs --url'],
    [['--url'], 'needs a value'],
    [['--url', '--json'], 'needs a value'],
    [['--url', 'nonsense', '--rate', '1'], 'must be an http URL'],
    [['--url', 'http://a:b@localhost/', '--rate', '1'], 'without credentials'],
    [['--url', 'http://localhost/', '--rate', '1', '--seconds', '2h'], 'a time from 100ms to 1h'],
    [['--url', 'http://localhost/', '--rate', '1', '--seconds', '50ms'], 'a time from 100ms to 1h'],
    [['--rounds', '0'], 'a whole number from 1'],
    [['--rounds', '1.5'], 'whole number'],
    [['--rounds', '0x10'], 'whole number'],
  ])('refuses %j', (words, message) => {
    expect(faults(...words).join()).toContain(message);
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1'])('%s is accepted', (address) => expect(isLoopback(address)).toBe(true));
  it.each(['128.0.0.1', '0.0.0.0', '10.0.0.1', '::2', 'localhost', ''])('%j is not', (address) => {
    expect(isLoopback(address)).toBe(false);
  });

  it('resolves a name once and takes its port', async () => {
    expect(await loopbackAddress(new URL('http://127.0.0.1/'))).toEqual({ host: '127.0.0.1', port: 80 });
    expect(await loopbackAddress(new URL('http://[::1]:81/'))).toEqual({ host: '::1', port: 81 });
    expect(isLoopback((await loopbackAddress(new URL('http://localhost:82/'))).host)).toBe(true);
  });

  it.each(['http://192.0.2.1/', 'http://0.0.0.0/', 'http://[2001:db8::1]/'])('refuses %s', async (url) => {
    await expect(loopbackAddress(new URL(url))).rejects.toThrow('is not on this machine');
  });
});
