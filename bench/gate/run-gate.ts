/** Runs checks over arms, with one fleet for each variant that an arm's checks need, and several checks on it at once. */

import { messageOf, thenEnding } from '../../core/errors.ts';
import {
  GATE_SCHEMA_VERSION,
  type GateArm,
  type GateCheckInfo,
  type GateOutcome,
  type GateResult,
} from '../../core/results/gate-schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { type Check, fail, type Outcome, variantOf } from './check.ts';
import { judge, oneLine } from './judge.ts';
import { mapAtOnce } from './map-at-once.ts';
import { withPatience } from './once-served.ts';
import { appliesTo, combineResults, type Side, type SideResult, sidesOf } from './sides.ts';
import type { Stage } from './stage/stage.ts';
import { VARIANTS, type VariantName } from './stage/variants.ts';
import { StallWatch } from './stalls.ts';
import { createTarget, type GateFleet, type GateTarget } from './target.ts';

export interface GateProgress {
  readonly arm: string;
  readonly done: number;
  readonly total: number;
  /** The outcome of the check that just ended. */
  readonly outcome: GateOutcome;
}

export interface GateOptions {
  readonly arms: readonly ArmInfo[];
  readonly checks: readonly Check[];
  readonly stage: Stage;
  /** True runs only quick checks that the standard fleet supports. */
  readonly quick: boolean;
  /** The number of arms to check at the same time. */
  readonly armsAtOnce: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: GateProgress) => void;
}

const TIMEOUT_MS = 20_000;
/** The share of a check's time for which it may repeat requests that a late store did not serve. */
const PATIENT_SHARE = 0.5;

/** Whether a check runs before every benchmark of this arm. */
export function isQuickFor(check: Check, arm: ArmInfo): boolean {
  return check.quick && variantOf(check, arm) === 'standard';
}

/**
 * @returns each check's outcome for each arm; after an abort, the outcomes so far
 * @throws TollgateError (environment) if a fleet cannot be started because of a missing dependency
 */
export async function runGate(options: GateOptions): Promise<GateResult> {
  const startedAt = new Date().toISOString();
  const started = performance.now();
  const arms: GateArm[] = [];
  const checked = await mapAtOnce(options.arms, options.armsAtOnce, (arm) => checkArm(arm, options));
  for (const [i, arm] of options.arms.entries()) {
    arms.push({ arm: arm.name, title: arm.title, outcomes: checked[i] ?? [] });
  }
  const asked = options.checks.filter((check) =>
    arms.some(({ outcomes }) => outcomes.some((o) => o.check === check.id)),
  );
  return {
    schemaVersion: GATE_SCHEMA_VERSION,
    startedAt,
    durationMs: performance.now() - started,
    quick: options.quick,
    checks: asked.map(infoOf),
    arms,
  };
}

function infoOf({ id, name, family, refs }: Check): GateCheckInfo {
  return { id, name, family, refs: [...refs] };
}

async function checkArm(arm: ArmInfo, options: GateOptions): Promise<GateOutcome[]> {
  const checks = options.quick ? options.checks.filter((check) => isQuickFor(check, arm)) : options.checks;
  const outcomes: GateOutcome[] = [];
  const add = (outcome: GateOutcome) => {
    outcomes.push(outcome);
    options.onProgress?.({ arm: arm.name, done: outcomes.length, total: checks.length, outcome });
  };
  const due: Check[] = [];
  for (const check of checks) {
    const applies = appliesTo(check, arm);
    if (applies === true) due.push(check);
    else add({ check: check.id, verdict: 'not-applicable', detail: oneLine(applies), durationMs: 0 });
  }
  for (const { variant, checks: together } of fleetsOf(due, arm)) {
    if (options.signal.aborted) break;
    await runTogether({ arm, variant, checks: together, stage: options.stage, signal: options.signal, add });
  }
  return outcomes.toSorted((a, b) => a.check - b.check);
}

/** Groups the checks that share a fleet: those of one variant, except those that need their own. */
function fleetsOf(checks: readonly Check[], arm: ArmInfo): { variant: VariantName; checks: readonly Check[] }[] {
  const shared = Map.groupBy(
    checks.filter((check) => check.alone !== true),
    (check) => variantOf(check, arm),
  );
  return [
    ...[...shared].map(([variant, together]) => ({ variant, checks: together })),
    ...checks
      .filter((check) => check.alone === true)
      .map((check) => ({ variant: variantOf(check, arm), checks: [check] })),
  ];
}

interface Together {
  readonly arm: ArmInfo;
  readonly variant: VariantName;
  readonly checks: readonly Check[];
  readonly stage: Stage;
  readonly signal: AbortSignal;
  readonly add: (outcome: GateOutcome) => void;
}

/**
 * Runs several checks at once on one fleet. If a replica dies, the checks that were running are repeated one by one.
 * So is a check without a result while this process stalled: only a verdict, or a second failure, counts then.
 */
async function runTogether({ arm, variant, checks, stage, signal, add }: Together): Promise<void> {
  const again: Check[] = [];
  const stalls = new StallWatch();
  await withFleet(stage, arm, variant, async (fleet) => {
    const target = createTarget(arm, fleet);
    await mapAtOnce(checks, VARIANTS[variant].parallel, async (check) => {
      if (signal.aborted) return;
      if (fleet.death() !== null) {
        again.push(check);
        return;
      }
      const startedMs = performance.now();
      const { outcome, isFinished } = await tryCheck(check, target);
      const isVoid = !isFinished && stalls.hasStalledSince(startedMs);
      if (isVoid || (fleet.death() !== null && checks.length > 1)) again.push(check);
      else if (!signal.aborted) add(outcome);
    });
  }).finally(() => stalls.stop());
  for (const check of again) {
    if (signal.aborted) return;
    await withFleet(stage, arm, variant, async (fleet) => add(await runCheck(check, createTarget(arm, fleet))));
  }
}

async function withFleet(
  stage: Stage,
  arm: ArmInfo,
  variant: VariantName,
  use: (fleet: GateFleet) => Promise<void>,
): Promise<void> {
  const fleet = await stage(arm, variant);
  await thenEnding(
    () => use(fleet),
    // A frozen store would keep the replicas from stopping.
    () => fleet.redis?.thaw(),
    () => fleet.companion?.thaw(),
    () => fleet.stop(),
  );
}

/** Runs one check to its outcome: an exception, a missing answer and the death of a replica are failures of the arm. */
export async function runCheck(check: Check, target: GateTarget): Promise<GateOutcome> {
  return (await tryCheck(check, target)).outcome;
}

/** @returns its outcome, and whether that is a verdict of the check itself */
async function tryCheck(check: Check, target: GateTarget): Promise<{ outcome: GateOutcome; isFinished: boolean }> {
  const started = performance.now();
  const judged: (SideResult & { readonly isFinished: boolean })[] = [];
  for (const side of sidesOf(check, target)) judged.push(await runSide(check, side));
  const { verdict, detail } = combineResults(judged);
  const outcome = { check: check.id, verdict, detail: oneLine(detail), durationMs: performance.now() - started };
  return { outcome, isFinished: judged.every(({ isFinished }) => isFinished) };
}

async function runSide(check: Check, { label, target }: Side): Promise<SideResult & { readonly isFinished: boolean }> {
  let isFinished = true;
  const seen = await withinTime(check, target).catch((error: unknown) => {
    isFinished = false;
    return fail(`the check failed to finish: ${messageOf(error)}`);
  });
  const death = target.death();
  const { verdict, detail } = judge(check, target.arm, death === null ? seen : fail(`a replica ended: ${death}`));
  return { verdict, detail: `${label}${detail}`, isFinished };
}

function withinTime(check: Check, target: GateTarget): Promise<Outcome> {
  const timeoutMs = check.timeoutMs ?? TIMEOUT_MS;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no result within ${timeoutMs / 1000} s`)), timeoutMs);
  const seen = withPatience(timeoutMs * PATIENT_SHARE, () => check.run(target));
  return Promise.race([seen, promise]).finally(() => clearTimeout(timer));
}
