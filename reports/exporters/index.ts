/** All exporters. To add one, add a file in this folder and a line here. */
import { bencher } from './bencher.ts';
import { csv } from './csv.ts';
import type { Exporter } from './exporter.ts';
import { githubBenchmark } from './github-benchmark.ts';
import { htmlReport } from './html.ts';
import { markdown } from './markdown.ts';
import { svg } from './svg.ts';

export const EXPORTERS: readonly Exporter[] = [htmlReport, markdown, csv, svg, bencher, githubBenchmark];
