/** Roles: how many, for which users, and their names. */

/** Levels of the factor `roles`: none, a few, a mature application, and too many. */
export const ROLE_LEVELS = [0, 10, 50, 100, 200] as const;

/** Sixteen characters, like `orders:refund:42`; the same length for every role, so that size grows linearly. */
export function roleName(index: number): string {
  return `area-${String(index).padStart(4, '0')}:change`;
}

export function rolesUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => roleName(i));
}

/**
 * Users of one fleet with different numbers of roles: the first `each` have those of the first level, and so on;
 * after them comes one more of each level, who is not logged in. @returns for `FleetSpec.rolesOf`; all further users
 * have none
 */
export function rolesByLevel(levels: readonly number[], each: number): (index: number) => string[] {
  const users = levels.length * each;
  return (index) => rolesUpTo((index < users ? levels[Math.floor(index / each)] : levels[index - users]) ?? 0);
}
