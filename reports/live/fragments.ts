/** The parts of the live page that follow the journal line by line. Each is an escaped HTML fragment. */
import { FLAGS } from '../../core/results/flags.ts';
import type { ExperimentProgress } from '../../core/results/live/progress.ts';
import type { ArmTally, ExperimentTally } from '../../core/results/live/tally.ts';
import { counted, formatCount, formatFixed, formatSeconds, formatTime } from '../../core/text/format.ts';
import { html, type SafeHtml } from '../html.ts';
import type { LiveState } from './state.ts';

const QUIET_SECONDS = 120;

/** A text that names the run. */
function runText({ tally: { header } }: LiveState): string {
  if (header === null) return 'No run yet';
  const { cpuModel, cores } = header.environment;
  const { profile, seed } = header.config;
  return `${formatTime(header.startedAt)} · ${cpuModel}, ${cores} cores · ${profile} profile, seed ${seed} · run ${header.runId}`;
}

/** The sentence that a screen reader announces when it changes. */
function statusText({ folder, fault, tally, progress }: LiveState): string {
  if (fault !== null) return `Waits: ${fault}.`;
  switch (progress.phase) {
    case 'waiting':
      return folder === null ? 'Waiting for a run to begin.' : `Waiting for a run to begin in ${folder}.`;
    case 'checking':
      return 'Running security checks before the load.';
    case 'measuring': {
      const on = progress.experiments.find(({ state }) => state === 'under way');
      return on === undefined ? 'The run is in progress.' : `The run is in progress: ${on.name}.`;
    }
    case 'interrupted':
      return `The run was interrupted ${formatTime(tally.ended?.at ?? '')}. If it is continued, this page follows it.`;
    case 'ended': {
      const failed = progress.experiments.filter(({ state }) => state === 'failed').map(({ name }) => name);
      const how = failed.length === 0 ? '' : ` Failed: ${failed.join(', ')}.`;
      return `The run ended ${formatTime(tally.ended?.at ?? '')}.${how}`;
    }
  }
}

/** How long the journal has been silent, which is the only sign of a killed run. */
function quietText({ tally, progress, nowMs }: LiveState): string | null {
  if (progress.phase !== 'measuring' && progress.phase !== 'checking') return null;
  const seconds = tally.lastAt === null ? 0 : (nowMs - Date.parse(tally.lastAt)) / 1000;
  const longest = Math.max(QUIET_SECONDS, ...progress.experiments.map(({ expectedSeconds }) => 2 * expectedSeconds));
  if (seconds <= longest) return null;
  return `The last progress was ${formatSeconds(seconds)} ago: the run may have been killed.`;
}

const facts = (rows: readonly (readonly [string, string])[]) =>
  html`<dl>${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;

/** Rounded, because a run is planned to the minute and seconds would jump. */
const about = (seconds: number) => (seconds < 1 ? 'less than a second' : formatSeconds(Math.round(seconds)));

/** @returns the time left of the plan, or by how much the run has exceeded it */
function leftText({ secondsLeft, experiments }: LiveState['progress']): string {
  if (secondsLeft === null) return '—';
  const current = experiments.find(({ state }) => state === 'under way');
  const over = current === undefined ? 0 : current.seconds - current.expectedSeconds;
  return secondsLeft < 1 && over >= 1 ? `${about(over)} longer than planned` : about(secondsLeft);
}

export function factsFragment(state: LiveState): SafeHtml {
  const { tally, progress } = state;
  const { elapsedSeconds } = progress;
  const quiet = quietText(state);
  return html`${quiet === null ? null : html`<p class="check bad">${quiet}</p>`}${facts([
    ['Elapsed', elapsedSeconds === null ? '—' : about(elapsedSeconds)],
    ['Left, as planned', leftText(progress)],
    ['Requests or operations', formatCount(tally.requests)],
    ['Errors', formatCount(tally.errors)],
    ['This page’s own CPU', ownCpu(state)],
  ])}`;
}

const ownCpu = ({ ownCpuSeconds, ownCpuShare }: LiveState) =>
  `${formatFixed(100 * ownCpuShare, 1)} % of a core, ${formatFixed(ownCpuSeconds, 1)} s in all`;

const bar = ({ state, seconds, expectedSeconds, name }: ExperimentProgress) => {
  if (state === 'to come') return html`<progress max="1" value="0" aria-label="${name}"></progress>`;
  const part = state === 'under way' ? Math.min(0.99, seconds / Math.max(expectedSeconds, 1)) : 1;
  return html`<progress max="1" value="${part.toFixed(3)}" aria-label="${name}"></progress>`;
};

function experimentRow(one: ExperimentProgress): SafeHtml {
  const { name, state, seconds, expectedSeconds, tally } = one;
  return html`<tr><th scope="row"><code>${name}</code></th><td>${bar(one)}</td><td class="text">${state}${tally?.error ? html`: <span class="bad">${tally.error}</span>` : null}</td><td>${state === 'to come' ? '—' : about(seconds)}</td><td>${about(expectedSeconds)}</td><td>${tally === null ? '—' : formatCount(tally.forks)}</td><td>${tally === null ? '—' : formatCount(tally.requests)}</td><td>${tally === null ? '—' : formatCount(tally.errors)}</td></tr>`;
}

const table = (label: string, heads: readonly string[], rows: readonly SafeHtml[]) =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${heads.map((head, i) => html`<th scope="col"${i === 0 || head === 'State' ? html` class="text"` : null}>${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;

function progressFragment({ progress }: LiveState): SafeHtml {
  if (progress.experiments.length === 0) return html`<p>Nothing yet.</p>`;
  const heads = ['Experiment', 'Progress', 'State', 'Took', 'Planned', 'Fresh starts', 'Requests', 'Errors'];
  return table('Progress by experiment', heads, progress.experiments.map(experimentRow));
}

/** A quotient in µs or a count, with few digits because it has no interval. */
const each = (sum: number, requests: number, scale: number) =>
  requests === 0 ? '—' : formatFixed(sum / requests / scale, 1);

function armRow(arm: ArmTally): SafeHtml {
  const { cpuRequests, commandRequests } = arm;
  return html`<tr><th scope="row"><code>${arm.arm}</code></th><td>${formatCount(arm.requests)}</td><td>${formatCount(arm.errors)}</td><td>${each(arm.replicaCpuNs, cpuRequests, 1000)}</td><td>${each(arm.redisCpuNs, cpuRequests, 1000)}</td><td>${each(arm.companionCpuNs, cpuRequests, 1000)}</td><td>${each(arm.redisCommands, commandRequests, 1)}</td></tr>`;
}

const ARM_HEADS = [
  'Arm',
  'Requests',
  'Errors',
  'Replica CPU, µs',
  'Redis CPU, µs',
  'Other CPU, µs',
  'Redis commands',
] as const;

/** The current experiment, or the last one that measured. */
function shownExperiment({ progress, tally }: LiveState): ExperimentTally | null {
  const on = progress.experiments.find(({ state }) => state === 'under way')?.tally ?? null;
  return on ?? [...tally.experiments.values()].findLast(({ arms }) => arms.size > 0) ?? null;
}

export function armsFragment(state: LiveState): SafeHtml {
  const experiment = shownExperiment(state);
  if (experiment === null || experiment.arms.size === 0) {
    return html`<p>Nothing yet. Servers start and warm up before the first slice is measured.</p>`;
  }
  return html`<p>Sums over the slices of <code>${experiment.name}</code> so far, per request, without warm-up. They are raw: figures with intervals are below.</p>
${table('Totals per arm so far', ARM_HEADS, [...experiment.arms.values()].map(armRow))}`;
}

function flagsFragment({ tally }: LiveState): SafeHtml {
  const flags = [...tally.flags].sort(([, a], [, b]) => b - a);
  const notes = [
    ...tally.notes,
    ...(tally.damagedLines === 0 ? [] : [`${formatCount(tally.damagedLines)} lines of the journal cannot be read.`]),
    ...(tally.failedGate ?? []).map((arm) => `${arm} failed a security check.`),
  ];
  const rows = flags.map(([name, count]) => html`<li>${FLAGS[name].title}: ${counted(count, 'slice')}</li>`);
  return html`${rows.length === 0 ? html`<p>No slice has a flag so far.</p>` : html`<ul>${rows}</ul>`}
${notes.length === 0 ? null : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
}

/** When the figures below were computed, and when they will be updated. */
function freshnessFragment({ figures, progress, tally }: LiveState): SafeHtml {
  const { madeAt, slices, isMaking, againInSeconds, fault } = figures;
  const total = [...tally.experiments.values()].reduce((sum, one) => sum + one.slices, 0);
  const next = isMaking
    ? 'New ones are being computed.'
    : progress.phase === 'ended'
      ? ''
      : againInSeconds > 0
        ? `The next are computed after another fresh start, in ${about(againInSeconds)} at the earliest.`
        : 'The next are computed after another fresh start.';
  const made =
    madeAt === null
      ? 'None yet.'
      : `Computed ${formatTime(madeAt)} from ${formatCount(slices)} of ${formatCount(total)} slices.`;
  return html`<p class="note">${made} ${next}${fault === null ? null : html` <span class="bad">${fault}</span>`}${
    madeAt === null ? null : html` <a href="/report">The whole report so far</a>`
  }</p>`;
}

/** The changing parts, by the id of their place in the page. */
export function liveParts(state: LiveState): Readonly<Record<string, string>> {
  return {
    run: html`${runText(state)}`.markup,
    status: html`${statusText(state)}`.markup,
    facts: factsFragment(state).markup,
    progress: progressFragment(state).markup,
    now: armsFragment(state).markup,
    flagged: flagsFragment(state).markup,
    freshness: freshnessFragment(state).markup,
  };
}
