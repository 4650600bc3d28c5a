import { page } from '../page/page.ts';
import type { Exporter } from './exporter.ts';

/** The report: one self-contained page that fetches nothing. */
export const htmlReport: Exporter = {
  name: 'html',
  render: (view, charts) => [{ path: 'report.html', content: page(view, charts) }],
};
