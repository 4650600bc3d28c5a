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

it('gives the arms of an old run their roles: of two identical ones, the copy is the control', () => {
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

it('does not take a name for the control if the baseline has another name', () => {
  expect(withArmFacts({ arms: [old('open', true), old('none-aa')] })).toMatchObject({
    arms: [{ role: 'baseline' }, { role: 'guarded' }],
  });
});

it('has no facts about an arm that was never released, whatever its name', () => {
  expect(oldFactsOf('constructor')).toEqual(oldFactsOf('my-own'));
  expect(oldFactsOf('my-own')).toMatchObject({ stores: [], hotPath: null, colour: null });
});

it('adds known promises to arms that record only facts, and nowhere else', () => {
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

it('leaves records unchanged that declare facts or have no arms', () => {
  const run = { arms: [armSummary('my-own', { role: 'baseline' }), armSummary('new', { stores: ['session'] })] };
  expect(withArmFacts(run)).toEqual(run);
  expect(withArmFacts({ kind: 'note', text: 'x' })).toEqual({ kind: 'note', text: 'x' });
  expect(withArmFacts('cut off')).toBe('cut off');
});
