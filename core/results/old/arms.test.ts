import { expect, it } from 'vitest';
import { armSummary } from '../testing/arm-summary.ts';
import { oldFactsOf, withArmFacts } from './arms.ts';

const old = (name: string, baseline = false) => ({
  name,
  title: name,
  summary: '',
  baseline,
  family: 'token',
  serverState: 'none',
});

it('gives the arms of an old run their roles: of two alike, the copy is the control', () => {
  const header = { kind: 'run', arms: [old('none', true), old('jwt-hs256'), old('none-aa')] };
  expect(withArmFacts(header)).toMatchObject({
    kind: 'run',
    arms: [
      { name: 'none', role: 'baseline' },
      {
        name: 'jwt-hs256',
        role: 'guarded',
        hotPath: ['jwt-decode', 'hs256-verify'],
        tags: ['reference', 'representative'],
      },
      { name: 'none-aa', role: 'control', colour: oldFactsOf('none').colour },
    ],
  });
});

it('takes a name for no control where the baseline is another', () => {
  expect(withArmFacts({ arms: [old('open', true), old('none-aa')] })).toMatchObject({
    arms: [{ role: 'baseline' }, { role: 'guarded' }],
  });
});

it('knows nothing of an arm that was never released, whatever its name', () => {
  expect(oldFactsOf('constructor')).toEqual(oldFactsOf('my-own'));
  expect(oldFactsOf('my-own')).toMatchObject({ stores: [], hotPath: null, colour: null });
});

it('adds promises to arms that record facts alone, where it knows them, and only there', () => {
  const run = { arms: [armSummary('hybrid'), armSummary('new')] };
  expect(withArmFacts(run)).toEqual({
    arms: [
      {
        ...armSummary('hybrid'),
        declares: {
          revokedWithinMs: null,
          lifetimeMs: 900_000,
          rechecksCredential: true,
          survivesRedisOutage: true,
          needsStickyRouting: false,
          crossOrigin: true,
          needsCsrfProtection: false,
          readableByScript: true,
          refreshTokens: false,
        },
      },
      armSummary('new'),
    ],
  });
  const { declares } = oldFactsOf('session-redis');
  const own = { arms: [armSummary('hybrid', { ...(declares && { declares }) })] };
  expect(withArmFacts(own)).toEqual(own);
});

it('leaves alone what declares its facts, and what has no arms', () => {
  const run = { arms: [armSummary('my-own', { role: 'baseline' }), armSummary('new', { stores: ['session'] })] };
  expect(withArmFacts(run)).toEqual(run);
  expect(withArmFacts({ kind: 'note', text: 'x' })).toEqual({ kind: 'note', text: 'x' });
  expect(withArmFacts('cut off')).toBe('cut off');
});
