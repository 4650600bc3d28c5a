/** A browser context with a logged-in user, checked to be logged in. */
import type { Browser } from 'playwright-core';
import { BUSY, runError } from '../../core/errors.ts';
import type { User } from '../fleet/secrets.ts';
import type { Endpoint } from '../gate/http.ts';
import { payAsUser, type Victim } from './attacks.ts';
import { APP, urlOf } from './hosts.ts';
import type { Setup } from './setups.ts';
import type { Witness } from './witness.ts';

const TIMEOUT_MS = 10_000;

/**
 * Opens the page, logs in through its form, and makes one payment as the user, so that a later refusal is due to the attack.
 * @throws TollgateError if that fails
 */
export async function openVictim(
  browser: Browser,
  setup: Setup,
  parts: { readonly user: User; readonly witness: Witness; readonly replica: Endpoint },
  marker: string,
): Promise<Victim> {
  const { user, witness, replica } = parts;
  // The profile's default context: another context would be a private window, to which not every setting applies.
  const [context] = browser.contexts();
  if (context === undefined) throw runError('Chromium has no window', 'this is a bug in Tollgate: please report it');
  context.setDefaultTimeout(TIMEOUT_MS);
  // Opening a tab takes as long as all trials in it, so both tabs are reused.
  const page = context.pages()[0] ?? (await context.newPage());
  const stranger = context.pages()[1] ?? (await context.newPage());
  const leave = async () => {
    if (page.url().startsWith('https:')) await page.evaluate('localStorage.clear(); sessionStorage.clear()');
    await context.clearCookies();
  };
  try {
    // A tab behind another draws one frame a second, and each step of a login waits for frames.
    await page.bringToFront();
    await page.goto(urlOf(APP, witness.port));
    await page.fill('#login [name=username]', user.username);
    await page.fill('#login [name=password]', user.password);
    await page.click('#login button');
    await page.waitForFunction(`document.querySelector('#state').textContent !== 'out'`);
    const state = await page.textContent('#state');
    if (state !== 'in') throw runError(`the page of ${setup.arm.name} could not log in: ${state}`, BUSY);
    const cookies = await context.cookies(urlOf(APP, witness.port));
    const cookie = setup.cookie !== null ? 'credential' : setup.storage === 'readable-cookie' ? 'page' : 'none';
    if ((cookie === 'none') !== (cookies.length === 0)) {
      throw runError(
        `the browser has ${cookies.length} cookies of ${setup.arm.name}, which does not match ${setup.storage}`,
        'this is a bug in Tollgate: please report it',
      );
    }
    const victim: Victim = {
      leave,
      stranger,
      page,
      user,
      state: { cookie, sameSite: setup.cookie?.sameSite ?? null },
      witness,
      replica,
      isBound: setup.cookie === null && setup.arm.senderConstrained === true,
    };
    await payAsUser(victim, marker);
    return victim;
  } catch (error) {
    await leave();
    throw error;
  }
}
