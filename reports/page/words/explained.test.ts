import { expect, it } from 'vitest';
import { sampleRun } from '../../testing/sample-run.ts';
import { buildView } from '../../view/view.ts';
import { Explainer } from './explained.ts';

const view = buildView(sampleRun());
const say = (...sentences: string[]) => {
  const explainer = new Explainer(view, 'test');
  return sentences.map((sentence) => explainer.say(sentence).markup);
};
const button = /<button [^>]*>([^<]*)<\/button>/g;

it('keeps brackets and marks on the line of the term beside them', () => {
  const [markup = ''] = say('The cheapest (session-redis, at 50 %) and jwt-hs256; none else.');
  expect(markup.replaceAll(button, '<$1>')).toBe(
    'The cheapest <span class="nb">(<session-redis>,</span> at 50 %) and <span class="nb"><jwt-hs256>;</span> <none> else.',
  );
});

it('explains a term once, and changes no word', () => {
  const sentences = ['session-redis (jwt-hs256) and session-redis.', 'Again jwt-hs256.'];
  const markups = say(...sentences);
  expect(markups.join(' ').match(button)).toHaveLength(2);
  expect(markups.map((markup) => markup.replaceAll(/<[^>]*>/g, ''))).toEqual(sentences);
});
