import { expect, it } from 'vitest';
import { refusalOf } from '../../test/support/refusal.ts';
import type { FlagTable } from '../command.ts';
import { target } from '../commands/target.ts';
import { TARGET_FLAGS } from './flags.ts';

/** What each word uses; `service.json` itself is judged by other tests. */
const USES = {
  init: ['guarded', 'insecure-loopback', 'login', 'url'],
  compare: ['base', 'budget', 'insecure-loopback', 'json', 'margin', 'markdown', 'seed', 'store-server', 'unsafe'],
};
const FLAGS: FlagTable = TARGET_FLAGS;
const typed = (flag: string) => (FLAGS[flag]?.value === undefined ? [`--${flag}`] : [`--${flag}`, '1']);

it.each([
  ['init', []],
  ['compare', ['none.json', 'none.json']],
] as const)('target %s refuses each flag that it does not use, once', async (word, files) => {
  const refused: string[] = [];
  for (const flag of Object.keys(FLAGS)) {
    const said = await refusalOf(target, word, ...files, ...typed(flag));
    const times = said.split('\n').filter((line) => line === `--${flag} cannot be used with ${word}: omit it`).length;
    expect(times).toBeLessThanOrEqual(1);
    if (times === 1) refused.push(flag);
  }
  expect(
    Object.keys(FLAGS)
      .filter((flag) => !refused.includes(flag))
      .toSorted(),
  ).toEqual(USES[word]);
});

it('--gate-only refuses each flag that only measuring uses', async () => {
  const measuring = [
    'arms',
    'experiments',
    'replicas',
    'slo',
    'engine',
    'profile',
    'budget',
    'seed',
    'unsafe',
    'config',
  ];
  for (const flag of [...measuring, 'strict', 'junit', 'metrics-port', 'trace-endpoint'])
    expect(await refusalOf(target, 'none.json', '--gate-only', ...typed(flag))).toContain(
      `--${flag} needs a measurement, and --gate-only makes none: omit one of them`,
    );
});
