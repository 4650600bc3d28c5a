/** What one request and one live session cost each arm of a run. Pure. */
import { cheapestOf, demandsOf, type MeasuredDemands } from '../../core/model/demands.ts';
import type { ArmView, ReportView } from './view.ts';

export interface ArmCosts extends MeasuredDemands {
  readonly arm: ArmView;
}

export function armCosts({ run, arms }: ReportView): ArmCosts[] {
  return arms.flatMap((arm) => {
    const found = demandsOf(run.figures, arm);
    return found === null ? [] : [{ arm, ...found }];
  });
}

/** The token arm that needs least CPU time, against which sessions are set; null where there is none. */
export function cheapestToken(costs: readonly ArmCosts[]): ArmCosts | null {
  return cheapestOf(costs.filter(({ arm }) => arm.family === 'token'));
}
