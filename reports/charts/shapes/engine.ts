/** Spec to SVG text, without a browser or a canvas. Loaded where the first chart is drawn, since vega takes long to load. */
import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import type { Drawing } from './drawing.ts';

/** Loads nothing: all data are in the spec. */
const NO_LOADER = {
  load: () => Promise.reject(new Error('Charts load nothing.')),
  sanitize: () => Promise.reject(new Error('Charts link nothing.')),
  http: () => Promise.reject(new Error('Charts load nothing.')),
  file: () => Promise.reject(new Error('Charts load nothing.')),
};

/** The room is given, so the layout needs no second pass. */
export async function svgOf({ spec, width, height, left, top }: Drawing): Promise<string> {
  const compiled = compile(spec).spec;
  const inner = compiled.width === undefined ? { width: Math.ceil(width - left), height: Math.ceil(height - top) } : {};
  const laid = { ...compiled, ...inner, autosize: 'none' as const, padding: { left, top, right: 0, bottom: 0 } };
  const view = new View(parse(laid), { renderer: 'none', loader: NO_LOADER });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
