/** The flags of `npm run target`, of which its words init and compare use only some. */
import type { FlagTable, Invocation } from '../command.ts';
import { BENCH_FLAGS } from '../options/bench.ts';
import { DEFAULT_MARGIN_PCT } from '../options/compare.ts';
import { ENGINE } from '../options/engine.ts';
import { OBJECTIVE } from '../options/objective.ts';
import { JSON_OUTPUT, SEED, STRICT } from '../options/shared.ts';
import { STORE_SERVER } from '../options/store-server.ts';
import { WATCHING } from '../options/watching.ts';

export const TARGET_FLAGS = {
  'gate-only': { help: 'Run only the security checks, and measure nothing.' },
  quick: { help: 'With --gate-only: run only the checks that also precede every measurement.' },
  url: {
    value: 'URL',
    help: 'Instead of service.json: discover and check the service at this URL (default: none).',
  },
  login: { value: 'PATH', help: 'With --url or init: the path of its login (default: common paths).' },
  guarded: { value: 'PATH', help: 'With --url or init: a path that needs a login (default: common paths).' },
  arms: {
    value: 'LIST',
    help: 'Measure it next to these arms, or "all" (default: those of the quick profile; for capacity alone, none).',
  },
  experiments: {
    value: 'LIST',
    help: 'Run these of toll, scale, latency, revocation, outage, payload and capacity (default: toll).',
  },
  replicas: {
    value: 'LIST',
    help: 'Measure these numbers of replicas, in scale and capacity (default: 1,2,4; capacity: 1).',
  },
  ...OBJECTIVE,
  engine: ENGINE,
  profile: { value: 'NAME', help: 'Be quick or full, as npm run bench is (default: quick).' },
  base: { value: 'REF', help: 'With compare: the commit of the service’s own repository to compare with.' },
  margin: {
    value: 'PCT',
    help: `With compare: tolerate a slowdown of this many percent (default: ${DEFAULT_MARGIN_PCT}).`,
  },
  markdown: { value: 'FILE', help: 'With compare: write the result as Markdown, for a pull request.' },
  budget: { value: 'TIME', help: 'Spend this time on measuring, such as 90s or 10m (default: the profile’s).' },
  seed: SEED,
  ...STORE_SERVER,
  ...WATCHING,
  unsafe: { help: 'Measure the service even if it fails a security check, and flag its figures.' },
  out: { value: 'DIR', help: 'Write the results here (default: results/target-<UTC timestamp>).' },
  config: BENCH_FLAGS.config,
  strict: STRICT,
  junit: BENCH_FLAGS.junit,
  'insecure-loopback': {
    help: 'Trust the certificate that each replica presents; only on this machine.',
  },
  'i-own-this-host': {
    value: 'LIST',
    help: 'Confirm that you may send load to these hosts other than this machine (default: none).',
  },
  'max-rps': {
    value: 'N',
    help: 'Send at most this many requests per second; required for hosts other than this machine (default: no limit).',
  },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** The flags that each word uses. A flag that is new is refused, until it is listed here. */
const USED = {
  init: ['url', 'login', 'guarded', 'insecure-loopback'],
  compare: ['base', 'margin', 'markdown', 'budget', 'seed', 'store-server', 'insecure-loopback', 'unsafe', 'json'],
} as const satisfies Readonly<Record<string, readonly (keyof typeof TARGET_FLAGS)[]>>;

/** Adds a fault for each flag that was given and would have no effect. */
export function refuseUnused(
  word: keyof typeof USED,
  { values, switches, faults }: Pick<Invocation, 'values' | 'switches' | 'faults'>,
): void {
  const used: readonly string[] = USED[word];
  for (const flag of Object.keys(TARGET_FLAGS))
    if (!used.includes(flag) && (values[flag] !== undefined || switches.has(flag)))
      faults.push(`--${flag} cannot be used with ${word}: omit it`);
}
