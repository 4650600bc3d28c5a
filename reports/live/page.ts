/** The live page: a shell with parts that are replaced during the run. It fetches only from its own server. */
import { headOf } from '../head.ts';
import { html, trusted } from '../html.ts';
import { scriptSource } from '../page/interaction/bundle.ts';
import { STYLE } from '../page/style.ts';
import { liveParts } from './fragments.ts';
import { liveScript } from './script.ts';
import type { LiveState } from './state.ts';

const LIVE_STYLE = `progress{width:9rem;height:.8rem;accent-color:var(--accent)}
#facts dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:.5rem 1.5rem}#facts dt{font-weight:400;font-size:.8125rem;color:var(--muted)}#facts dd{font-variant-numeric:tabular-nums}
#status{font-size:1.2rem;margin:.5rem 0}#lost{margin:.5rem 0}main h2{margin-top:2rem}#figures h3{margin-top:2rem}#flagged ul{margin:.25rem 0;padding-left:1.2rem}#flagged li{overflow-wrap:anywhere}
`;

const SECTIONS = [
  ['progress', 'Progress'],
  ['now', 'Arms so far'],
  ['flagged', 'Flags and notes so far'],
] as const;

export interface LivePage {
  readonly markup: string;
  /** The content security policy, for the header of the reply. */
  readonly policy: string;
}

/** The page may run its own script, and contact its own server. */
function policyOf(script: string): string {
  const rules = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    "connect-src 'self'",
    `script-src ${scriptSource(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return rules.join('; ');
}

/** @param figures the figures so far, as HTML that is safe */
export function livePage(state: LiveState, figures: string): LivePage {
  const script = liveScript();
  const parts = liveParts(state);
  const part = (id: string) => trusted(parts[id] ?? '');
  const { markup } = html`${headOf({ title: 'a run, live', style: STYLE + LIVE_STYLE, policy: null })}
<body>
<a class="skip" href="#main">Skip to the run</a>
<header>
<h1><span class="brand">Tollgate</span> A run, live</h1>
<p class="facts" id="run">${part('run')}</p>
</header>
<main id="main">
<p id="status" role="status">${part('status')}</p>
<p id="lost" class="check bad" hidden>The connection to <code>npm run watch</code> is lost. The page keeps trying to reconnect.</p>
<noscript><p class="check bad">Without scripts this page does not update: reload it.</p></noscript>
<div id="facts">${part('facts')}</div>
${SECTIONS.map(
  ([id, title]) => html`<section aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
<div id="${id}">${part(id)}</div>
</section>
`,
)}<section aria-labelledby="figures-title">
<h2 id="figures-title">Figures so far</h2>
<div id="freshness">${part('freshness')}</div>
<p class="note">Brackets show the confidence interval so far. Intervals narrow as the run continues. Wait for the end of the run before judging it.</p>
<div id="figures">${trusted(figures)}</div>
</section>
</main>
<script>${trusted(script)}</script>
<footer>Made by Tollgate from the run’s journal. The page loads nothing from anywhere else.</footer>
</body>
</html>
`;
  return { markup, policy: policyOf(script) };
}
