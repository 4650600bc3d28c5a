/** Roles to carry: how many, for whom, and how they are called. */

/** Levels of the factor `roles`: none, a few, what a grown application has, and what nobody should. */
export const ROLE_LEVELS = [0, 10, 50, 100, 200] as const;

/** Sixteen characters, as `orders:refund:42` would be; the same length for every role, so that bytes grow evenly. */
export function roleName(index: number): string {
  return `area-${String(index).padStart(4, '0')}:change`;
}

export function rolesUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => roleName(i));
}

/**
 * Users of one fleet who differ in their roles: the first `each` have those of the first level, and so on; after them
 * comes one more of each level, who is not logged in.
 * @returns for `FleetSpec.rolesOf`; everybody beyond has none
 */
export function rolesByLevel(levels: readonly number[], each: number): (index: number) => string[] {
  const users = levels.length * each;
  return (index) => rolesUpTo((index < users ? levels[Math.floor(index / each)] : levels[index - users]) ?? 0);
}
