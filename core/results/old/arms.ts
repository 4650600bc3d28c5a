/**
 * Runs from before arms declared facts: their headers name a baseline and nothing else. Later ones record facts, but
 * no promises. Their facts are in a file to which no new arm is added, so that old journals still give the same
 * figures.
 */
import { Type } from '../../schema.ts';
import { ArmFacts, type ArmSummary, controlNameOf, NO_FACTS, Promises } from '../arms.ts';
import { checker } from '../validate.ts';
import OLD_FACTS from './arms.json' with { type: 'json' };

const OldFacts = Type.Object({ ...ArmFacts.properties, declares: Promises }, { additionalProperties: false });
const checkFacts = checker(Type.Record(Type.String(), OldFacts));
const checkOldArms = checker(
  Type.Array(
    Type.Object(
      {
        name: Type.String(),
        title: Type.String(),
        summary: Type.String(),
        baseline: Type.Boolean(),
        family: Type.String(),
        serverState: Type.String(),
      },
      { additionalProperties: false },
    ),
  ),
);

type Known = ArmFacts & Pick<ArmSummary, 'declares'>;

/** @returns the facts that an arm of an old run would have declared; empty if it is unknown */
export function oldFactsOf(name: string): Known {
  const known = checkFacts(OLD_FACTS);
  return known.ok && Object.hasOwn(known.value, name) ? (known.value[name] ?? NO_FACTS) : NO_FACTS;
}

/** Whether an arm has facts but no promises. */
function lacksPromises(arm: unknown): arm is { readonly name: string } {
  return typeof arm === 'object' && arm !== null && 'stores' in arm && !('declares' in arm) && 'name' in arm;
}

/** Adds the known promises of old arms; all others are passed to the schema check unchanged. */
function withPromises(arms: unknown): unknown {
  if (!Array.isArray(arms) || !arms.some(lacksPromises)) return arms;
  return arms.map((arm: unknown) => {
    const { declares } = lacksPromises(arm) ? oldFactsOf(arm.name) : {};
    return lacksPromises(arm) && declares !== undefined ? { ...arm, declares } : arm;
  });
}

function upgrade(arms: unknown): unknown {
  const old = checkOldArms(arms);
  if (!old.ok) return withPromises(arms);
  const baseline = old.value.find((arm) => arm.baseline)?.name;
  return old.value.map(({ baseline: isBaseline, ...arm }): ArmSummary => {
    const isControl = baseline !== undefined && arm.name === controlNameOf(baseline);
    const role = isBaseline ? 'baseline' : isControl ? 'control' : 'guarded';
    return { ...arm, role, ...oldFactsOf(isControl ? baseline : arm.name) };
  });
}

/**
 * @param record a journal's header or a `run.json`, not yet validated @returns the same with facts for each of its
 * arms
 */
export function withArmFacts(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || !('arms' in record)) return record;
  return { ...record, arms: upgrade(record.arms) };
}
