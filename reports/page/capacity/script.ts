/**
 * The script of the what-if panel, with the same functions as the advice, so that page, command line and panel agree.
 */
import { bundle } from '../interaction/bundle.ts';

/** The files in the order of their dependencies. */
const PANEL_FILES = [
  'reports/page/interaction/unpack.ts',
  'core/text/decimal.ts',
  'core/text/format.ts',
  'core/model/usual.ts',
  'core/model/redis-use.ts',
  'core/model/response.ts',
  'core/advise/needs.ts',
  'core/advise/words.ts',
  'core/advise/cost.ts',
  'core/advise/latency.ts',
  'core/advise/sizing.ts',
  'core/advise/order.ts',
  'core/advise/reason.ts',
  'core/advise/rules.ts',
  'core/advise/first.ts',
  'core/advise/missing.ts',
  'core/advise/advise.ts',
  'core/advise/flips.ts',
  'core/advise/inverse.ts',
  'core/advise/sentences.ts',
  'reports/page/capacity/fields.ts',
  'reports/page/capacity/dom.ts',
  'reports/page/capacity/panel-form.ts',
  'reports/page/capacity/shown.ts',
  'reports/page/capacity/panel.ts',
] as const;

/** The text of the script element. */
export function panelScript(): string {
  return bundle(PANEL_FILES.map((file) => new URL(`../../../${file}`, import.meta.url)));
}
