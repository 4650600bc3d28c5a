/** Repeats what a change of the machine's network broke: Chromium then fails every open request, also to loopback. */
import type { Browser, BrowserContext, Request } from 'playwright-core';
import { runError } from '../../core/errors.ts';

const NETWORK_CHANGED = 'net::ERR_NETWORK_CHANGED';
const MOST_TRIES = 10;

/** What is used of Playwright's browser. */
export type WatchedBrowser = Pick<Browser, 'contexts'>;

/**
 * What `work` returns when no request of the browser failed by such a change. An attack that fails by one was not refused, so
 * its outcome counts as little as an error does.
 * @param work is done again from its beginning; told how often it was tried before
 * @throws what `work` throws; TollgateError if the network keeps changing
 */
export async function retryOnNetworkChange<T>(
  browser: WatchedBrowser,
  work: (tried: number) => Promise<T>,
): Promise<T> {
  let isBroken = false;
  const note = (request: Request) => {
    isBroken ||= request.failure()?.errorText.includes(NETWORK_CHANGED) ?? false;
  };
  const contexts: readonly BrowserContext[] = browser.contexts();
  for (const context of contexts) context.on('requestfailed', note);
  try {
    for (let tried = 0; tried < MOST_TRIES; tried++) {
      isBroken = false;
      try {
        const done = await work(tried);
        if (!isBroken) return done;
      } catch (error) {
        if (!isBroken && !String(error).includes(NETWORK_CHANGED)) throw error;
      }
    }
  } finally {
    for (const context of contexts) context.off('requestfailed', note);
  }
  throw runError(
    `the browser's requests failed ${MOST_TRIES} times, because network interfaces of this machine changed`,
    'run it again while no container or VPN starts or stops',
  );
}
