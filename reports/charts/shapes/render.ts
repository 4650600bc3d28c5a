/** A drawing as SVG text: inlined into a page, or as a file of its own. */
import { html, trusted } from '../../html.ts';
import type { Drawing } from './svg.ts';
import { darkChartRules, FONT, FONT_SIZE, SURFACE } from './theme.ts';

/**
 * One SVG for inlining into a page: it scales down with its container, and is announced as one image. Its sentence stands
 * beside it, so its name is the title alone.
 */
export function renderChart({ width, height, body }: Drawing, title: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${title}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${FONT}" font-size="${FONT_SIZE}">${body}</svg>`
    .markup;
}

/** The same as a file of its own: with its sentence, a background, and dark where the reader's system is. */
export function standalone(svg: string, sentence: string): string {
  const style = html`<style>${trusted(`@media (prefers-color-scheme:dark){${darkChartRules('.chart')}}`)}</style>`;
  const first = html`<title>${sentence}</title>${style}<rect width="100%" height="100%" fill="${SURFACE}"/>`;
  return svg.replace('>', () => `>${first.markup}`);
}
