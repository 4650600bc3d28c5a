/** What a browser lets a page of another site do. */
import type { MetricInfo } from './metric-info.ts';

export const BROWSER_METRICS = {
  attack_succeeded: {
    unit: '',
    better: 'smaller',
    meaning:
      'share of trials in which an attack in a real browser succeeded, according to the server’s record: 1 always, 0 never; the factor stopped_by names what stopped it',
  },
  credential_sent: {
    unit: '',
    better: 'neither',
    meaning: 'share of trials in which the browser sent the user’s credential along with another page’s request',
  },
  plain_client_works: {
    unit: '',
    better: 'neither',
    meaning:
      'share of trials in which a client without a cookie jar could read and write with only the body of the login response',
  },
  cross_origin_works: {
    unit: '',
    better: 'neither',
    meaning:
      'share of trials in which a page of another origin called the API with the user’s credential and could read the reply',
  },
} as const satisfies Record<string, MetricInfo>;
