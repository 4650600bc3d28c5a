/** The control that shows and hides arms in every chart and table. Scripts do the work, so it is hidden until they run. */
import { html, type SafeHtml } from '../../html.ts';
import type { ReportView } from '../../view/view.ts';

/** Null if there is nothing to choose from. */
export function armSwitch({ arms }: ReportView): SafeHtml | null {
  if (arms.length < 2) return null;
  const boxes = arms.map(
    ({ name, colour }) =>
      html`<label><input type="checkbox" value="${name}" checked><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" fill="${colour}"/></svg>${name}</label>`,
  );
  return html`<details id="arm-switch" hidden><summary>Arms shown: <span id="arm-count">all</span></summary><fieldset><legend class="vh">Arms shown in charts and tables</legend>${boxes}</fieldset></details>`;
}
