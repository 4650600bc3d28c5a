/** The gate's verdict on a service that runs in this process. */

import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { parseService } from '../../target/config/service.ts';
import { gateService } from '../../target/gate/run.ts';
import { ENVIRONMENT, type Handler, serving } from './services/portal.ts';

/** @returns the check numbers by verdict, and the details of failed checks */
export async function judged(handler: Handler, own: object) {
  const running = await serving(handler);
  const janitor = await Janitor.start();
  return thenEnding(
    async () => {
      const users = ['alice', 'bob'].map((username) => ({ username, password: { env: 'PASSWORD' } }));
      const config = { name: 'shop', urls: running.urls, users, ...own };
      const service = parseService('service.json', JSON.stringify(config), { folder: '.', env: ENVIRONMENT });
      const environment = { janitor, accounts: null, signal: new AbortController().signal, onNote: () => {} };
      const { result } = await gateService({ service, environment, quick: false, maxRps: null });
      const outcomes = result.arms.flatMap((arm) => arm.outcomes);
      const failed = outcomes.filter(({ verdict }) => verdict === 'fail');
      return {
        passed: outcomes.filter(({ verdict }) => verdict === 'pass').map(({ check }) => check),
        failed: failed.map(({ check }) => check),
        details: failed.map(({ check, detail }) => `${check}: ${detail}`).join('\n'),
      };
    },
    () => janitor.finish(),
    () => running.stop(),
  );
}
