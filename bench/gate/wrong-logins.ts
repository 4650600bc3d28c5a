/** Logins that fail: a wrong password, and an unknown name. */
import type { User } from '../fleet/secrets.ts';

export const WRONG = 'wrong password';

/** Returns an unknown username, as long as the known ones. */
export const stranger = ({ username }: User, n: number): Pick<User, 'username' | 'password'> => ({
  username: `none-${String(n).padStart(username.length - 5, '0')}`.slice(0, username.length),
  password: WRONG,
});
