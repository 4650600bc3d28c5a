/**
 * Repeats work interrupted by a change of the machine's network: Chromium then fails every open request, even to
 * loopback.
 */
import type { Browser, BrowserContext, Request } from 'playwright-core';
import { runError } from '../../core/errors.ts';

const NETWORK_CHANGED = 'net::ERR_NETWORK_CHANGED';
const MOST_TRIES = 10;

/** The part of Playwright's browser that is used. */
export type WatchedBrowser = Pick<Browser, 'contexts'>;

/**
 * Returns the result of the first `work` during which no request failed because of such a change. An attack that
 * fails because of one was not refused, so its outcome is discarded like an error. @param work is started from its
 * beginning; gets the number of earlier attempts @throws what `work` throws; TollgateError if the network keeps
 * changing
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
