/** Violations and open questions that axe finds in a page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** The source of axe, to be evaluated in the page. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Contrast {
  readonly messageKey?: string;
  readonly contrastRatio?: number;
  readonly expectedContrastRatio?: string;
}

/** Axe leaves text of a single character to the reader, but reports its contrast. */
function isEnough({ messageKey, contrastRatio = 0, expectedContrastRatio = '' }: Contrast): boolean {
  const lone = messageKey === 'shortTextContent' || messageKey === 'nonBmp';
  return lone && contrastRatio >= Number.parseFloat(expectedContrastRatio || '4.5');
}

const toReview = (findings: readonly Finding[], narrow: boolean) =>
  findings
    .map((finding) => ({
      ...finding,
      nodes: finding.nodes.filter(({ any }) =>
        any.some((reason) => !isEnough(reason.data ?? {}) && !(narrow && isOutOfSight(reason))),
      ),
    }))
    .filter(({ nodes }) => nodes.length > 0);

interface Reason {
  readonly message: string;
  readonly data: Contrast | null;
  readonly relatedNodes: readonly { readonly target: readonly string[] }[];
}

/** A cell that is scrolled out of view: at 1280 px all are visible. */
const isOutOfSight = ({ data, relatedNodes }: Reason) =>
  (data?.messageKey === 'elmPartiallyObscured' && relatedNodes.every(({ target }) => target.join() === 'body')) ||
  (data?.messageKey === 'shortTextContent' && !data.contrastRatio);

export interface Finding {
  readonly id: string;
  readonly nodes: readonly {
    readonly html: string;
    readonly target: readonly string[];
    readonly any: readonly Reason[];
  }[];
}

/** Rule, number of places, the first place and the reason. */
export const told = (findings: readonly Finding[]) =>
  findings.map(
    ({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0]?.html.slice(0, 200)} ${nodes[0]?.any[0]?.message ?? ''}`,
  );

/** Only the colour rules can fail in the dark theme alone. */
const RULES = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
} as const;

/** Every violation, one per line: rule, number of places, the first place and the reason. */
export async function faultsByAxe(page: Page, width: number, colorScheme: keyof typeof RULES): Promise<string[]> {
  await page.evaluate(AXE);
  // Axe cannot determine the background of text in a drawing: a test of the palette checks that contrast.
  const found = (await page.evaluate(
    `axe.run({ exclude: [['svg.chart text']] }, { runOnly: ${JSON.stringify(RULES[colorScheme])} })`,
  )) as {
    readonly violations: readonly Finding[];
    readonly incomplete: readonly Finding[];
  };
  return told([...found.violations, ...toReview(found.incomplete, width < 1000)]);
}
