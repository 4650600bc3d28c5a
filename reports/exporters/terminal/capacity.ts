/** The load that meets an objective, by arm and number of replicas. */
import { capacityAnswers, objectiveOfRun } from '../../view/capacity.ts';
import type { ReportView } from '../../view/view.ts';
import { figureColumn, type Output, textColumn, titled } from './text.ts';

export function capacityTable(view: ReportView, output: Output): string[] {
  const answers = capacityAnswers(view);
  if (answers.length === 0) return [];
  const longest = Math.max(...answers.map(({ arm }) => arm.length));
  const names = answers.map(({ arm, replicas }) => `${arm.padEnd(longest)}  ${replicas}`);
  const column = (head: string, of: (answer: (typeof answers)[number]) => Parameters<typeof figureColumn>[1][number]) =>
    figureColumn(head, answers.map(of), view.flags, 'title');
  const table = titled(
    `Load in req/s with ${objectiveOfRun(view)}, by number of replicas`,
    textColumn('Arm, replicas', names),
    [
      column('Recommended', ({ recommended }) => recommended),
      column('Peak', ({ peak }) => peak),
      column('Per busy core', ({ perCore }) => perCore),
      column('Model', ({ model }) => model),
    ],
    output,
  );
  const lines = answers.flatMap(({ arm, replicas, brokeFirst, remark }) => [
    ...(brokeFirst === null ? [] : [`  ${arm}, ${replicas}: what broke first was ${brokeFirst}.`]),
    ...(remark === '' ? [] : [`  ${arm}, ${replicas}: ${remark}.`]),
  ]);
  return [...table, ...lines];
}
