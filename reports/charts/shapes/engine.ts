/**
 * Renders a spec as SVG text, without a browser or a canvas. Loaded lazily with the first chart, since vega takes
 * long to load.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Drawing } from './drawing.ts';

interface Bundles {
  readonly vega: typeof import('vega');
  readonly vegaLite: typeof import('vega-lite');
}

/**
 * Vega's browser bundles: two files instead of some three hundred modules, which take four times as long. Each puts
 * its exports into a global variable.
 */
function loadBundles(): Bundles {
  const require = createRequire(import.meta.url);
  const bundle = (name: string) => join(dirname(require.resolve(name)), `${name}.min.js`);
  for (const name of ['vega', 'vega-lite']) require(bundle(name));
  const { vega, vegaLite } = globalThis as Partial<Bundles>;
  if (vega === undefined || vegaLite === undefined) throw new Error('vega has other bundles than are expected here');
  return { vega, vegaLite };
}

const { vega, vegaLite } = loadBundles();

/** Loads nothing: all data are in the spec. */
const NO_LOADER = {
  load: () => Promise.reject(new Error('Charts load nothing.')),
  sanitize: () => Promise.reject(new Error('Charts link nothing.')),
  http: () => Promise.reject(new Error('Charts load nothing.')),
  file: () => Promise.reject(new Error('Charts load nothing.')),
};

/** The size is given, so the layout needs no second pass. */
export async function svgOf({ spec, width, height, left, top }: Drawing): Promise<string> {
  const compiled = vegaLite.compile(spec).spec;
  const inner = compiled.width === undefined ? { width: Math.ceil(width - left), height: Math.ceil(height - top) } : {};
  const laid = { ...compiled, ...inner, autosize: 'none' as const, padding: { left, top, right: 0, bottom: 0 } };
  const view = new vega.View(vega.parse(laid), { renderer: 'none', loader: NO_LOADER });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
