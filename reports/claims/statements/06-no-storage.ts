import type { Figure } from '../../../core/results/schema.ts';
import { formatEstimate, list } from '../../../core/text/format.ts';
import { type Claim, doesNotHold, holds, holdsOnlyIf } from '../claim.ts';

export const noStorage: Claim = {
  number: 6,
  id: 'no-storage',
  statement: 'Tokens need no storage on the server.',
  experiments: ['toll'],
  charts: ['commands'],
  judge(evidence) {
    const asked = evidence.family('token').flatMap((arm) => {
      const figure = evidence.toll(arm, 'redis_commands_per_request');
      return figure === null ? [] : [{ arm, figure, stateless: evidence.stateOf(arm) === 'none' }];
    });
    const plain = asked.filter(({ stateless }) => stateless);
    if (plain.length === 0) return null;
    const stateful = asked.filter(({ arm, stateless }) => !stateless && evidence.stateOf(arm) === 'redis');
    const say = (some: typeof asked) => list(some.map(({ arm, figure }) => `${arm} ${formatEstimate(figure)}`));
    const grounds = {
      because: `Redis commands per request: ${say(asked)}.`,
      figures: asked.map(({ arm, figure }) => ({ label: `${arm}, Redis commands per request`, figure })),
    };
    if (plain.some(({ figure }) => figure.low > 0)) return doesNotHold(grounds);
    const returns = stateful.filter(({ figure }) => figure.low > 0);
    const turns = 'This changes as soon as tokens must be revocable before they expire: see claim 11.';
    if (returns.length === 0) return holds({ ...grounds, turns });
    return holdsOnlyIf('tokens need not be revocable before they expire', {
      ...grounds,
      turns,
      contrary: stateText(returns),
    });
  },
};

/** A cached or pushed list is read much less often than once per request. */
const EACH_REQUEST = 0.5;

function stateText(asked: readonly { readonly arm: string; readonly figure: Figure }[]): string {
  const text = (isOften: boolean, rest: string) => {
    const arms = asked.filter(({ figure }) => figure.low >= EACH_REQUEST === isOften).map(({ arm }) => arm);
    return arms.length === 0 ? [] : [`${list(arms)} ${arms.length === 1 ? 'asks' : 'ask'} Redis ${rest}`];
  };
  return `${[...text(true, 'at every request, as a session does'), ...text(false, 'less than once per request')].join('; ')}.`;
}
