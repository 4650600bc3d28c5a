import { namesOfRole } from '../../../core/results/arms.ts';
import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holds } from '../claim.ts';
import { differenceOf } from '../difference.ts';
import { above } from '../evidence.ts';

export const identifierBytes: Claim = {
  number: 16,
  id: 'identifier-bytes',
  statement: 'Both send an identifier with every request.',
  experiments: ['toll'],
  charts: ['wire'],
  judge(evidence) {
    const [baseline] = namesOfRole(evidence.arms, 'baseline');
    const bare = baseline === undefined ? null : evidence.toll(baseline, 'request_bytes');
    const guarded = namesOfRole(evidence.arms, 'guarded')
      .flatMap((name) => evidence.toll(name, 'request_bytes') ?? [])
      .toSorted((a, b) => a.value - b.value);
    const [least, most] = [guarded[0], guarded.at(-1)];
    if (bare === null || least === undefined || most === undefined) return null;
    const extra = (figure: Figure) => formatEstimate({ ...differenceOf(figure, bare), unit: 'B' });
    const grounds = {
      because: `Each request has between ${extra(least)} (${least.arm}) and ${extra(most)} (${most.arm}) more than the baseline’s.`,
      figures: [bare, ...guarded].map((figure) => ({ label: `${figure.arm}, request bytes`, figure })),
    };
    return guarded.every((figure) => above(figure, bare)) ? holds(grounds) : doesNotHold(grounds);
  },
};
