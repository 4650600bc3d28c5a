/** `docs/frameworks.md`, from the results of the runs. Pure. */
import type { GateResult } from '../../core/results/gate-schema.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { formatEstimate, formatFixed } from '../../core/text/format.ts';
import { escapeMarkdown, markdownTable } from '../../core/text/markdown.ts';

/** The results of one example. */
export interface Finding {
  readonly name: string;
  readonly title: string;
  readonly folder: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly runtime: string;
  /** The store that a request queries; null if none. */
  readonly store: string | null;
  readonly revocation: string;
  readonly gate: GateResult;
  readonly run: Run;
}

const NOT_MEASURED = 'not measured';
const HEADS = [
  'service',
  'CPU beyond the arm `none`, µs',
  'CPU beyond its own public request, µs',
  'store commands per request',
  'bytes of a request / response',
  'does a logout end a copied credential?',
  'security checks',
];

function figureOf({ run, name }: Finding, metric: string): Figure | undefined {
  return run.figures.find((figure) => figure.metric === metric && figure.arm === name && figure.experiment === 'toll');
}

function withInterval(finding: Finding, metric: string): string {
  const figure = figureOf(finding, metric);
  if (figure === undefined) return NOT_MEASURED;
  const text = formatEstimate({ ...figure, unit: '' });
  // A single block has no interval.
  return figure.blocks < 2 ? `${text} (one block)` : text;
}

const COUNTED: Readonly<Record<string, string>> = {
  redis_commands_per_request: 'Redis',
  postgres_transactions_per_request: 'Postgres',
};

/** Store commands, from the counters of the store itself. */
function storeCommands({ run, name, store }: Finding): string {
  if (store === null) return 'none';
  const counted = run.figures.find(
    ({ arm, experiment, metric }) => arm === name && experiment === 'toll' && COUNTED[metric] === store,
  );
  return counted === undefined ? `${NOT_MEASURED} (${store})` : `${formatFixed(counted.value, 1)} (${store})`;
}

function bytes(finding: Finding): string {
  const [request, response] = ['request_bytes', 'response_bytes'].map((metric) => figureOf(finding, metric));
  return request === undefined || response === undefined
    ? NOT_MEASURED
    : `${Math.round(request.value)} / ${Math.round(response.value)}`;
}

const outcomesOf = ({ gate }: Finding) => gate.arms.flatMap((arm) => arm.outcomes);

/** The verdict, and the numbers of the checks that failed. */
function gateText(finding: Finding): string {
  const outcomes = outcomesOf(finding);
  const count = (verdict: string) => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const failed = outcomes.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check);
  const applied = outcomes.length - count('not-applicable');
  const passed = `${count('pass')} of ${applied} passed`;
  const limited = count('limit') === 0 ? '' : `, ${count('limit')} within declared limits`;
  return failed.length === 0 ? passed + limited : `${passed}${limited}; fails ${failed.join(', ')}`;
}

/** The observation of each failed check, so that a reader need not run it. */
function failures(findings: readonly Finding[]): string[] {
  return findings.flatMap((finding) => {
    const names = new Map(finding.gate.checks.map(({ id, name }) => [id, name]));
    return outcomesOf(finding)
      .filter(({ verdict }) => verdict === 'fail')
      .map(
        ({ check, detail }) =>
          `- ${finding.name}, check ${check} (${names.get(check) ?? ''}): ${escapeMarkdown(detail)}`,
      );
  });
}

/** @param loadAverage of the machine before the first run */
export function frameworksPage(findings: readonly Finding[], loadAverage: number): string {
  const [first] = findings;
  if (first === undefined) throw new Error('there is no finding to show');
  const { environment, startedAt } = first.run;
  const rows = findings.map((finding) => [
    `[${escapeMarkdown(finding.title)}](../examples/${finding.folder})`,
    withInterval(finding, 'cpu_toll_us'),
    withInterval(finding, 'cpu_own_toll_us'),
    storeCommands(finding),
    bytes(finding),
    finding.revocation,
    gateText(finding),
  ]);
  const versions = findings.map((finding) => {
    const packages = Object.entries(finding.versions).map(([name, version]) => `${name} ${version}`);
    return `- ${finding.name}: ${[finding.runtime, ...packages].join(', ')}`;
  });
  const flags = [...new Set(findings.flatMap(({ run }) => run.flags))].toSorted();
  const found = failures(findings);
  return `# What frameworks do by default

\`npm run frameworks\` writes this page: it installs each service of [examples](../examples), runs the security checks on it, and
measures it beside arms of Tollgate. The services use the default settings of their frameworks.

Measured on ${startedAt.slice(0, 10)}: ${environment.cpuModel}, ${environment.cores} cores, ${environment.platform}, Node ${environment.node.replace(/^v/, '')}.
The load average before the first run was ${loadAverage.toFixed(1)}${loadAverage > environment.cores ? ': other programs used the machine, so read these costs as orders of magnitude' : ''}.
${flags.length === 0 ? 'No run carries a flag.' : `Flags of the runs: ${flags.join(', ')}. [Validity flags](results-format.md#validity-flags) explains them.`}

${markdownTable(HEADS, rows)}

The first figure compares whole servers, framework included; the second is the cost of the service's own authentication.
Brackets are 95 % intervals. The configuration declares how a logout ends credentials, and check 23 has confirmed it
wherever that check applies.

## What failed

${found.length === 0 ? 'Nothing.' : found.join('\n')}

[Security checks](security-checks.md#every-check-by-number) explains each number. A default that fails a check is not always wrong for an
application: a response that may be stored (check 39) matters where a shared cache or another user of the browser could read it.

## Versions

${versions.join('\n')}
`;
}
