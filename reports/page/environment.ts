import type { Environment, Throttled } from '../../core/results/recorded/environment.ts';
import { formatBytes, formatCores, formatFixed, formatTime } from '../../core/text/format.ts';
import { html } from '../html.ts';
import type { Section } from './section.ts';

function stopsText({ periods, throttledPeriods, seconds }: Throttled): string {
  return `in ${throttledPeriods} of ${periods} periods, ${formatFixed(seconds, 1)} s in all`;
}

function coreRows(cpu: Environment['cpu']): readonly (readonly [string, string])[] {
  if (cpu === undefined) return [];
  const interrupts = cpu.irqTimeAccounting ? 'accounted separately' : 'charged to the interrupted process';
  return [
    ['CPU time limit', cpu.quota === null ? 'none' : `${formatCores(cpu.quota)} by a control group`],
    ...(cpu.throttled === undefined ? [] : [['Stopped by the limit', stopsText(cpu.throttled)] as const]),
    ...(cpu.kinds.length < 2
      ? []
      : [['Kinds of cores', cpu.kinds.map(({ name, cores }) => `${name}: ${cores}`).join('; ')] as const]),
    ['Hardware threads of one core', cpu.siblings.length === 0 ? 'none known' : cpu.siblings.join('; ')],
    ['CPU time read from', cpu.accounts],
    ['Time of interrupts', cpu.irqTimeAccounting === null ? 'unknown' : interrupts],
  ];
}

function memoryText({ memoryBytes, memoryLimitBytes = null }: Environment): string {
  const isLimited = memoryLimitBytes !== null && memoryLimitBytes < memoryBytes;
  const limit = isLimited ? `, of which a control group allows ${formatBytes(memoryLimitBytes)}` : '';
  return `${formatBytes(memoryBytes)}${limit}`;
}

export const environment: Section = {
  id: 'environment',
  title: 'Environment',
  render({ run, reproduceHint }) {
    const { environment: machine, config } = run;
    const dirty = machine.gitDirty === true ? ', with uncommitted changes' : '';
    const rows: readonly (readonly [string, string])[] = [
      ['Processor', `${machine.cpuModel}, ${formatCores(machine.cores)}`],
      ...coreRows(machine.cpu),
      ['Memory', memoryText(machine)],
      ['System', `${machine.platform}, kernel ${machine.kernel}`],
      ['CPU shares', machine.cpuShares],
      ['Node', `${machine.node} (V8 ${machine.v8})`],
      ['Store', machine.redis ?? 'none'],
      ['Calibration', machine.calibration?.reason ?? 'unknown'],
      ['Commit', machine.gitCommit === null ? 'unknown' : `${machine.gitCommit}${dirty}`],
      ['Profile', config.profile],
      ['Seed', String(config.seed)],
      ['Started', formatTime(run.startedAt)],
      ['Ended', run.endedAt === null ? 'still running' : formatTime(run.endedAt)],
    ];
    const packages = Object.entries(machine.packages);
    return html`<h3>How to reproduce</h3>
<p>Run the same command on the same commit:</p>
<pre><code>${run.commandLine}</code></pre>
${reproduceHint === null ? null : html`<p class="note">${reproduceHint}</p>`}
<div class="scroll" tabindex="0" role="region" aria-label="Machine, software and settings"><table class="plain"><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td class="text">${value}</td></tr>`)}</tbody></table></div>
${packages.length === 0 ? null : html`<details><summary>Packages <small>${packages.length}, with their versions</small></summary><p class="packages">${packages.map(([name, version]) => html`<code>${name} ${version}</code> `)}</p></details>`}`;
  },
};
