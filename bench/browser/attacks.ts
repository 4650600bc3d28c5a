/** Attacks on a logged-in user, carried out in the browser and judged by the server's record. */
import type { Page } from 'playwright-core';
import { BUSY, runError } from '../../core/errors.ts';
import { ROUTES } from '../../servers/contract.ts';
import type { User } from '../fleet/secrets.ts';
import { proven } from '../gate/attacks/proofs.ts';
import { readToken } from '../gate/attacks/tokens.ts';
import { call, type Endpoint } from '../gate/http.ts';
import { newProofKey } from '../load/connection/proof.ts';
import { APP, ORIGINS, type Origin, urlOf } from './hosts.ts';
import { type BrowserState, judgeGet, judgeRead, judgeTransfer, type Outcome } from './judge.ts';
import {
  fetchForm,
  fetchJson,
  followLink,
  listenIn,
  loadImage,
  postForm,
  storageScanScript,
  useThePage,
} from './scripts.ts';
import type { Witness } from './witness.ts';

/** A user's browser, with the application open and the user logged in. */
export interface Victim {
  /** Deletes everything that the browser stores for the user. */
  readonly leave: () => Promise<void>;
  /** Another tab, for pages of other origins. */
  readonly stranger: Page;
  readonly page: Page;
  readonly user: User;
  readonly state: BrowserState;
  readonly witness: Witness;
  /** The replica's own address, for attempts from outside the browser. */
  readonly replica: Endpoint;
  /** Whether the user's token is bound to a key of the page. */
  readonly isBound: boolean;
}

export type XssAttack = 'script-reads-storage' | 'script-listens-in' | 'script-uses-page';
export type CsrfAttack = 'form-post' | 'fetch-form' | 'fetch-json' | 'image-get' | 'link-get';
export type Attack = XssAttack | CsrfAttack;

export const XSS_ATTACKS: readonly XssAttack[] = ['script-reads-storage', 'script-listens-in', 'script-uses-page'];
/** Attacks that leave the page come last, so that it need not be reopened for the others. */
export const CSRF_ATTACKS: readonly CsrfAttack[] = ['fetch-form', 'fetch-json', 'image-get', 'form-post', 'link-get'];

export const isStateChanging = (attack: CsrfAttack) => attack !== 'image-get' && attack !== 'link-get';

const lost = (what: string) => runError(`${what} did not happen in the browser`, BUSY);

/** Makes a payment as the user. @throws TollgateError if that fails, since a failing attack would then prove nothing */
export async function payAsUser({ page, witness, user }: Victim, marker: string): Promise<void> {
  await page.evaluate(useThePage(marker));
  const seen = await witness.waitFor((one) => one.method === 'POST' && one.isOf(marker));
  if (seen?.transferred?.from !== user.username) {
    throw runError(
      `the user's own transfer returned ${seen?.status ?? 'nothing'}`,
      'this is a bug in Tollgate: please report it',
    );
  }
}

/** Runs a script in the application's own page, as injected through unescaped output. */
export async function attackByScript(attack: XssAttack, victim: Victim, marker: string): Promise<Outcome> {
  const { page, witness, state } = victim;
  const { port } = witness;
  if (attack === 'script-uses-page') {
    await page.addScriptTag({ content: useThePage(marker) });
    const seen = await witness.waitFor((one) => one.method === 'POST' && one.isOf(marker));
    if (seen === null) throw lost('a transfer by an injected script');
    return judgeTransfer([seen], state, victim.user.username);
  }
  const script = attack === 'script-listens-in' ? listenIn(marker, port) : storageScanScript(marker, port);
  await page.addScriptTag({ content: script });
  if (attack === 'script-listens-in') await payAsUser(victim, `${marker}-own`);
  const found = await witness.collected(marker);
  if (found === null) throw lost('the report of an injected script');
  for (const candidate of new Set(found)) {
    if (await worksOutside(candidate, victim)) return judgeRead(true, false);
  }
  const foundToken = victim.isBound && found.some((text) => isTokenOf(text, victim.user));
  return judgeRead(false, state.cookie === 'credential', foundToken);
}

/** Whether a string is a signed token in the user's name. */
function isTokenOf(text: string, { username }: User): boolean {
  try {
    return readToken(text).claims.username === username;
  } catch {
    return false;
  }
}

/** Whether a stolen string authenticates an attacker's own client. */
async function worksOutside(candidate: string, { replica, user }: Victim): Promise<boolean> {
  // A header cannot contain a line break, and no credential has one.
  if (/[^\x20-\x7e]/.test(candidate)) return false;
  // An attacker has a key too, and so can send whatever a bound token needs but proofs by the right one.
  const key = newProofKey();
  for (const headers of [
    { authorization: `Bearer ${candidate}` },
    { authorization: `DPoP ${candidate}` },
    { cookie: candidate },
  ]) {
    const answer = await call(replica, proven(replica, { ...ROUTES.me, headers }, key));
    if (answer.status === 200 && usernameOf(answer.json) === user.username) return true;
  }
  const renewed = await call(replica, { ...ROUTES.refresh, json: { refreshToken: candidate } });
  return renewed.status === 200;
}

function usernameOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'username' in body ? body.username : undefined;
}

/** Opens this host's page unless it is open already, since navigation takes most of the time here. */
export async function visit(page: Page, url: string): Promise<void> {
  if (page.url() !== url) await page.goto(url);
}

/** Attacks from a page of another origin, open in the same browser as the application. */
export async function attackFromOutside(
  attack: CsrfAttack,
  origin: Origin,
  victim: Victim,
  marker: string,
): Promise<Outcome> {
  const { stranger: page, witness, state, user } = victim;
  const { port } = witness;
  await visit(page, urlOf(ORIGINS[origin], port));
  const transfer = urlOf(APP, port, ROUTES.transfer.path);
  const read = urlOf(APP, port, `${ROUTES.me.path}?trial=${marker}`);
  const leaves = { url: (url: URL) => url.hostname === APP, how: { waitUntil: 'commit' } } as const;
  switch (attack) {
    case 'form-post':
      await Promise.all([page.waitForURL(leaves.url, leaves.how), page.evaluate(postForm(transfer, marker))]);
      break;
    case 'link-get':
      await Promise.all([page.waitForURL(leaves.url, leaves.how), page.evaluate(followLink(read))]);
      break;
    case 'image-get':
      await page.evaluate(loadImage(read));
      break;
    case 'fetch-form':
      await page.evaluate(fetchForm(transfer, marker));
      break;
    case 'fetch-json':
      return judgeTransfer(await seenOfJson(page, witness, transfer, marker), state, user.username);
  }
  const isGet = !isStateChanging(attack);
  const seen = await witness.waitFor(({ method, isOf }) => method === (isGet ? 'GET' : 'POST') && isOf(marker));
  if (seen === null) throw lost(`a ${attack} from a ${origin} page`);
  return isGet ? judgeGet([seen], state) : judgeTransfer([seen], state, user.username);
}

/** Returns the requests of a JSON attack. A preflight has no body to identify it, so it is found by its position in the record. */
async function seenOfJson(page: Page, witness: Witness, url: string, marker: string) {
  const before = witness.seen().length;
  await page.evaluate(fetchJson(url, marker));
  return witness
    .seen()
    .slice(before)
    .filter(({ preflight, isOf }) => preflight || isOf(marker));
}
