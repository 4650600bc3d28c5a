/** Spec to SVG text, without a browser or a canvas. */
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { escapeHtml } from '../../html.ts';
import { darkChartRules, FONT, SURFACE } from './theme.ts';

export interface ChartLabel {
  /** Unique among all charts of a page: ids within the SVG start with it. */
  readonly id: string;
  /** The text alternative. */
  readonly sentence: string;
  /**
   * No wider than this, in px. Without a canvas vega takes text for wider than it is, and would leave room at the right
   * for what is not there.
   */
  readonly width: number;
}

async function toSvg(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** vega numbers its ids from a counter per process: made the chart's own, they are unique and the same at each build. */
function ownIds(svg: string, prefix: string): string {
  const ids = [...new Set([...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1] ?? ''))];
  const renamed = new Map(ids.map((id, index) => [id, `${prefix}-${index}`]));
  return svg
    .replace(/ id="([^"]+)"/g, (whole, id: string) => ` id="${renamed.get(id) ?? whole}"`)
    .replace(/url\(#([^)]+)\)/g, (whole, id: string) => (renamed.has(id) ? `url(#${renamed.get(id)})` : whole))
    .replace(/href="#([^"]+)"/g, (whole, id: string) => (renamed.has(id) ? `href="#${renamed.get(id)}"` : whole));
}

/** The font once on the root instead of on each text, and none of the roles that vega leaves behind without labels. */
function slim(svg: string): string {
  return svg
    .replaceAll(` font-family="${escapeHtml(FONT)}"`, '')
    .replaceAll(` font-family="${FONT}"`, '')
    .replace(/ (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*"|aria-hidden="true"|pointer-events="none")/g, '')
    .replace(/<path class="foreground" d="" display="none"\/>/g, '');
}

/** One SVG for inlining into a page: it scales down with its container, and is announced as one image. */
export async function renderChart(spec: TopLevelSpec, label: ChartLabel): Promise<string> {
  const svg = slim(ownIds(await toSvg(spec), label.id));
  const size = /^<svg[^>]* width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [^"]+"[^>]*>/.exec(svg);
  if (size === null) throw new Error(`The chart ${label.id} did not render to an SVG with a size: check its spec.`);
  const [open, drawnWidth, height] = size;
  const width = Math.min(Number(drawnWidth), label.width);
  const root = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${escapeHtml(label.sentence)}"`,
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escapeHtml(FONT)}">`,
  ].join(' ');
  return `${root}<title>${escapeHtml(label.sentence)}</title>${svg.slice(open.length)}`;
}

/** The same as a file of its own: with a background, and dark where the reader's system is. */
export function standalone(svg: string): string {
  const style = `<style>@media (prefers-color-scheme:dark){${darkChartRules('.chart')}}</style>`;
  const background = `<rect width="100%" height="100%" fill="${SURFACE}"/>`;
  return svg.replace('</title>', `</title>${style}${background}`);
}
