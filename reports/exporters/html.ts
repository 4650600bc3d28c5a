import { page } from '../page/page.ts';
import type { Exporter } from './exporter.ts';

/** The report itself: one page with everything in it and nothing to fetch. */
export const htmlReport: Exporter = {
  name: 'html',
  render: (view, charts) => [{ path: 'report.html', content: page(view, charts) }],
};
