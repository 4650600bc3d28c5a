import { describe, expect, it } from 'vitest';
import { boundary, type Fit, type Fits } from './limits.ts';
import { roleName, rolesByLevel, rolesUpTo } from './roles.ts';

const point = (roles: number, cookie: boolean | Fits, header = true): Fit => {
  const fits = (found: boolean | Fits): Fits => (typeof found === 'string' ? found : found ? 'all' : 'none');
  return { roles, cookie: true, fits: { cookie: fits(cookie), header: fits(header) } };
};

describe('the size limit', () => {
  it('lies between the last that fits and the first that does not, in any order of trials', () => {
    const points = [point(96, false), point(0, true), point(64, true), point(32, true)];
    expect(boundary(points, 'cookie')).toEqual({ fits: 64, atMost: 64, fails: 96 });
  });

  it('is open if everything fits', () => {
    expect(boundary([point(0, true), point(32, false)], 'header')).toEqual({ fits: 32, atMost: 32, fails: null });
  });

  it('is a range if some logins fit and others do not', () => {
    const points = [point(100, true), point(101, 'some'), point(102, true), point(103, 'some'), point(104, false)];
    expect(boundary(points, 'cookie')).toEqual({ fits: 100, atMost: 103, fails: 104 });
    expect(boundary([point(0, true), point(32, 'some'), point(64, 'some')], 'cookie')).toEqual({
      fits: 0,
      atMost: 64,
      fails: null,
    });
  });

  it('is where something first fails, although more may fit by chance beyond', () => {
    expect(boundary([point(0, true), point(1, false), point(2, true)], 'cookie')).toEqual({
      fits: 0,
      atMost: 0,
      fails: 1,
    });
  });
});

describe('roles by level', () => {
  it('gives each level to the same number of users, then to one more each, then to nobody', () => {
    const rolesOf = rolesByLevel([0, 5], 2);
    expect([0, 1, 2, 3, 4, 5, 6].map((index) => rolesOf(index).length)).toEqual([0, 0, 5, 5, 0, 5, 0]);
  });

  it('gives all roles names of equal length, and distinct ones', () => {
    const names = rolesUpTo(1_500);
    expect(new Set(names).size).toBe(1_500);
    expect(new Set(names.map(({ length }) => length))).toEqual(new Set([roleName(0).length]));
  });
});
