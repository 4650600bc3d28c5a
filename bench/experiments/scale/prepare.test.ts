import { expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { armInfo } from '../../testing/arm-info.ts';
import { testContext } from '../../testing/slices.ts';
import { noteConditions, prepare } from './prepare.ts';

/** A run with unlimited time. */
function prepared(more: Partial<ExperimentContext>) {
  const notes: string[] = [];
  const context = {
    config: { ...testContext.config, profile: 'full' },
    arms: [armInfo('none', { baseline: true, usesRedis: false }), armInfo('session-redis', { tags: ['reference'] })],
    random: createRandom(1),
    canLimitCpu: true,
    ownsRedis: true,
    cores: 8,
    secondsLeft: () => 10_000,
    note: (text: string) => notes.push(text),
    ...more,
  } as unknown as ExperimentContext;
  const ready = prepare(context);
  noteConditions(context, ready);
  return { series: new Set(ready.grid.map(({ series }) => series)), notes: notes.join('\n') };
}

it('has no sticky users behind a balancer, and notes the balancer', () => {
  const direct = prepared({});
  expect(direct.series).toContain('spread');
  expect(direct.notes).toContain('there is no load balancer');
  const balanced = prepared({ balancer: { choice: 'round-robin', processes: 2 } });
  expect(balanced.series).toEqual(direct.series.difference(new Set(['spread'])));
  expect(balanced.notes).not.toContain('there is no load balancer');
  expect(balanced.notes).toContain('(round robin, 2 processes for each arm)');
  expect(balanced.notes).toContain('not part of any arm’s cost');
});
