/** The page's style sheet. Two themes from one set of variables; the charts' neutral tones follow. */
import { FLAG_MARK } from '../../core/text/flags.ts';
import { darkChartRules, FONT } from '../charts/shapes/theme.ts';
import { TONES } from '../view/palette.ts';

const DARK = `--ink:${TONES.ink.dark};--muted:${TONES.muted.dark};--line:${TONES.grid.dark};--page:${TONES.surface.dark};--panel:#1b2027;--link:#7ab8f5;--accent:#f0705a;--good:#4cc38a;--bad:#ff8f7a;--bad-page:#2c1a18`;

/** Styles of scripts and popovers. */
const INTERACTION = `.off{display:none!important}
.plot:focus-visible,button:focus-visible,input:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.plot[hidden],.scale[hidden]{display:none}
.at{filter:drop-shadow(0 0 2px var(--ink))}
.scale{font:inherit;font-size:.8125rem;color:var(--link);background:none;border:1px solid var(--line);border-radius:.25rem;padding:.15rem .5rem;margin:0 0 .5rem;cursor:pointer}
.term{font:inherit;color:inherit;background:none;border:0;padding:.1rem 0;margin:0;text-align:inherit;text-decoration:underline dotted;text-underline-offset:.2em;cursor:help;white-space:inherit}
[popover]{max-width:min(30rem,90vw);border:1px solid var(--muted);border-radius:.4rem;padding:1rem 1.25rem;background:var(--panel);color:var(--ink);font-size:.9375rem;line-height:1.5;white-space:normal;text-align:left;font-weight:400}
.tip{position:fixed;z-index:3;max-width:min(24rem,90vw);background:var(--ink);color:var(--page);border-radius:.3rem;padding:.3rem .6rem;font-size:.8125rem;line-height:1.4;pointer-events:none}
.tip:empty{left:-99rem;padding:0}
#arm-switch{position:relative;border:0;padding:.25rem 0}#arm-switch[hidden]{display:none}#arm-switch summary{white-space:nowrap}
#arm-switch fieldset{position:absolute;right:0;top:100%;display:grid;grid-template-columns:auto auto;gap:.1rem 1.25rem;max-height:70vh;max-width:92vw;overflow:auto;background:var(--panel);border:1px solid var(--muted);border-radius:.4rem;padding:.6rem .9rem;margin:0;min-width:0}
#arm-switch label{display:flex;align-items:center;min-height:1.5rem;white-space:nowrap}#arm-switch input{margin:0 .5rem 0 0;width:1.1rem;height:1.1rem}
@media (forced-colors:active){.chart{forced-color-adjust:none;background:var(--page)}.tip,[popover],.verdict,.check,.alert{border:1px solid CanvasText}.swatch{forced-color-adjust:none}}
`;

const WHAT_IF = `.what-if fieldset{border:1px solid var(--line);border-radius:.4rem;display:flex;flex-wrap:wrap;gap:.2rem 1.5rem;padding:.4rem .8rem .6rem;margin:.75rem 0;min-width:0}.what-if legend{font-size:.875rem;font-weight:600;padding:0 .3rem}
.what-if .tick{display:flex;align-items:center;gap:.5rem;min-height:1.75rem;font-size:.875rem}.what-if .tick input{width:1.1rem;height:1.1rem;margin:0;accent-color:var(--accent);flex:none}
.what-if .fields{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.6rem 1.25rem;margin:.75rem 0}.what-if .fields label{font-size:.875rem;display:block}.what-if select,.what-if .fields input{display:block;width:100%;font:inherit;color:inherit;background:var(--page);border:1px solid var(--muted);border-radius:.25rem;padding:.3rem .4rem;margin-top:.2rem}
.what-if input:disabled,.what-if select:disabled{opacity:.45}.what-if select:focus-visible{outline:2px solid var(--link);outline-offset:2px}
#what-if-answer{font-size:1.125rem;line-height:1.45;border-left:3px solid var(--accent);background:var(--panel);padding:.6rem 1rem;margin:1rem 0}
.what-if-table thead th{white-space:normal}.what-if-table tr.first th,.what-if-table tr.first td{background:var(--panel)}
#scalability h3{margin-top:1.25rem}#scalability ul{margin:.25rem 0;padding-left:1.2rem}#scalability li{margin:.25rem 0;overflow-wrap:anywhere}
`;

/**
 * In print: no controls, nothing cut, and no text below 9 pt. As on the screen, closed parts stay closed. `.on-screen` is what
 * paper has no room or use for, and `.on-paper` what it has instead.
 */
const PRINT = `@media print{:root{--ink:#000;--muted:#444;--line:#ccc;--page:#fff;--panel:#f5f5f5;--link:#000}
@page{size:A4;margin:10mm}
body{max-width:none;padding:0;font-size:9pt;line-height:1.3}
.bar,.skip,.scale,.tip,.what-if,[popover],details:not([open]),.data,.on-screen,#figures,#appendix,#gate .scroll,.claims .note,.experiment>.note:last-child{display:none!important}
h2{margin:.7rem 0 .3rem;padding-top:.3rem;font-size:12pt}h3{font-size:10pt;margin:0}p,ul,dl,.check,.alert,.experiment p{margin-block:.25rem}#browser h3,#scalability h3{margin-top:.4rem}h2,h3,figcaption{break-after:avoid}
tr,li,dl,figcaption,.plot,.check,.alert,h3+p{break-inside:avoid}thead{display:table-header-group}
.scroll{overflow:visible}.scroll.more{box-shadow:none;border:0}table,thead th,td i,small,code,pre,dl,dt,.note,.facts,footer,figcaption{font-size:9pt!important}th,td{padding:.1rem .15rem;white-space:normal}td i{white-space:nowrap}.marks{white-space:nowrap}#arms tbody th{width:14%}#browser tbody th{min-width:5rem}#browser table:has([scope=colgroup]) tbody th{width:22%}.term{text-decoration:none}
tbody th small{display:none}.claims p{margin:0 0 .1rem}.check,.alert{padding:.3rem .6rem}
details,pre{padding:.1rem 0}summary{list-style:none;min-height:0;break-after:avoid}
.lead{font-size:11pt;margin:.2rem 0}.verdicts,.pairs,#what-if-answer{font-size:9pt}.verdicts{line-height:1.3;gap:0 1.25rem}#what-if-answer{margin:.3rem 0;padding:.3rem .6rem}.terms div,.flags div{display:block;break-inside:avoid;padding:.05rem 0}:is(.terms,.flags) :is(dt,dd){display:inline;padding:0}:is(.terms,.flags) dt{margin-right:.4rem}
.terms,#environment,#method ul,.flags{columns:2;column-gap:6mm;break-inside:auto}#environment h2{column-span:all}#method ul{padding:0}#method li{margin-left:1rem}.experiment{margin-bottom:.4rem}.experiment :is(h3,h3+p){display:inline}.experiment h3{margin-right:.5rem}.experiment dl,.experiment dl div{display:flex;flex-wrap:wrap;gap:0 .3rem}.experiment dl{column-gap:.6rem;margin:.2rem 0}#experiments :is(tbody th,.text,td:last-child){white-space:nowrap}#scalability li{margin:.1rem 0}#scalability ul{margin:.1rem 0}
#charts{columns:2;column-gap:6mm}figure{margin:0 0 .6rem}figcaption{margin-bottom:.2rem}
.wide:not(:only-child){display:none}.narrow{display:block}.narrow .chart{width:100%;max-width:none}
#gate ul{margin:.1rem 0;padding-left:1rem}div.on-paper{display:block}span.on-paper{display:inline}footer{margin-top:.5rem}}
@media print and (scripting:none){#charts{columns:1}}
`;

export const STYLE = `
:root{--ink:${TONES.ink.light};--muted:${TONES.muted.light};--line:${TONES.grid.light};--page:${TONES.surface.light};--panel:#f5f6f8;--link:#0b5cad;--accent:#c93a26;--good:#13794a;--bad:#b3261e;--bad-page:#fdf0ee;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:3.5rem}
body{margin:0 auto;max-width:76rem;padding:0 1.25rem 4rem;background:var(--page);color:var(--ink);font:16px/1.6 ${FONT};overflow-wrap:break-word}
h1{font-size:clamp(1.15rem,3.4vw,1.4rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .1rem}
h2{font-size:1.4rem;line-height:1.25;letter-spacing:-.01em;margin:3.5rem 0 1rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;line-height:1.35;margin:0 0 .25rem}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code{font-family:var(--mono);font-size:.9em}
small{color:var(--muted);font-size:.82em;font-weight:400}
.nb{white-space:nowrap}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:.5rem}
header{border-top:4px solid var(--accent);padding-top:.5rem;margin-top:0}header .facts{margin:0}
.brand{margin:0 .5rem 0 0;font-weight:700;color:var(--accent);letter-spacing:.01em}
.facts,.note{color:var(--muted);font-size:.875rem;margin:.5rem 0 0}
.bar{position:sticky;top:0;z-index:2;background:var(--page);border-bottom:1px solid var(--line);margin-top:.4rem;display:flex;gap:0 1.25rem;align-items:center;font-size:.8125rem}
.bar nav{flex:1;min-width:0}
nav ul{display:flex;flex-wrap:wrap;gap:0 .85rem;list-style:none;margin:0;padding:.2rem 0;white-space:nowrap}
nav a{color:var(--muted);text-decoration:none;display:inline-block;min-height:1.5rem;line-height:1.5rem}nav a:hover{color:var(--ink);text-decoration:underline}
#answer h2{margin:.25rem 0 0;padding-top:.25rem;border-top:0;font-size:1.15rem}.reference{border-left:3px solid var(--muted);padding-left:.75rem}
.lead{font-size:1.2rem;line-height:1.4;margin:.35rem 0 .75rem;text-wrap:pretty}
.verdicts{display:grid;grid-template-columns:minmax(0,1fr) 340px;gap:1rem 2.5rem;align-items:start}.verdicts{font-size:.9375rem;line-height:1.5}.verdicts h3{margin:.6rem 0 0}.verdicts ul{margin:.15rem 0;padding-left:1.1rem}.verdicts li{margin:.1rem 0}.verdicts li a{color:inherit;text-decoration-color:var(--link)}.pairs{margin:0}.pairs details{border:0;padding:0;font-size:.875rem}
.alert,.check{border-left:3px solid var(--bad);background:var(--bad-page);padding:.75rem 1rem;margin:1rem 0}
.alert p{margin:0;font-weight:600}.alert ul{margin:.25rem 0 0;padding-left:1.2rem}
.check{background:var(--panel)}.check.good{border-color:var(--good)}.check.bad{background:var(--bad-page)}
.scroll{position:relative;overflow-x:auto;scrollbar-width:thin}.scroll.more{box-shadow:inset -.6rem 0 .5rem -.6rem var(--muted);border-right:2px dotted var(--muted)}
.claims th,.claims td{white-space:normal;text-align:left}.claims tbody th{width:24%}.claims td:nth-child(2){width:22%}.claims td:last-child{padding-right:0}
.claims p{margin:0 0 .4rem}.claims details{border:0;padding:.1rem 0}.claims ul{margin:.25rem 0;padding-left:1.1rem}.claims li{overflow-wrap:anywhere}
.bad{color:var(--bad)}#browser h3{margin-top:2rem}#browser tbody th,#browser td{white-space:normal}#browser tbody th{min-width:12rem}
.verdict{display:inline-block;border:1px solid;border-radius:.25rem;padding:0 .4rem;font-weight:600;color:var(--muted)}.verdict.yes{color:var(--good)}.verdict.no{color:var(--bad)}.verdict.if{color:var(--link)}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:.5rem .6rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,.text,.said{text-align:left}.said{white-space:normal;min-width:13rem}
tbody th{font-weight:500}
thead th{color:var(--muted);font-weight:500;font-size:.8125rem;vertical-align:bottom;border-bottom:1px solid var(--muted)}
th:first-child,td:first-child{padding-left:0}
tr.baseline,#arms tr.baseline th:first-child{background:var(--panel)}
tbody th small{display:block;white-space:normal;max-width:13rem;line-height:1.35;padding-left:1.1rem}
.swatch{width:.6rem;height:.6rem;margin-right:.5rem}
td b{font-weight:600}td i{color:var(--muted);display:block;font-size:.8125rem;font-style:normal}.absent{color:var(--muted)}
.plain td{white-space:normal;overflow-wrap:anywhere}.plain th{font-weight:500;color:var(--muted)}
.marks::before{content:"${FLAG_MARK}";content:"${FLAG_MARK}" / ""}.marks a{text-decoration:none;padding:0 .1em;font-weight:600}.marks small,.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.marks{position:relative;line-height:0;margin-left:.1em;color:var(--bad)}
figure{margin:0 0 3rem}
figcaption{margin:0 0 1rem;max-width:46rem;color:var(--ink)}
.chart{display:block;max-width:100%;height:auto;overflow:visible}
.narrow{display:none}
.experiment{margin-bottom:2rem}.experiment p{margin:.25rem 0}
dl{margin:.75rem 0 0}dt{font-weight:600}dd{margin:0}
.experiment dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.75rem 1.5rem}
.experiment dt{font-weight:400;font-size:.8125rem;color:var(--muted)}.experiment dd{font-variant-numeric:tabular-nums}
.terms div{display:grid;grid-template-columns:8rem 1fr;gap:0 1rem;padding:.15rem 0}.terms dd{max-width:46rem}
#arms thead th{white-space:normal}
.flags div{padding:.5rem 0}.flags div:target{background:var(--panel);outline:.5rem solid var(--panel)}
.letter{color:var(--bad);font-weight:700;margin-right:.25rem}.flags dd{padding-left:1.15rem;max-width:46rem}
pre{background:var(--panel);padding:.9rem 1rem;overflow-x:auto;font-size:.875rem;white-space:pre-wrap;overflow-wrap:anywhere}
.on-paper{display:none}
details{border-bottom:1px solid var(--line);padding:.6rem 0}summary{cursor:pointer;min-height:1.5rem}
details i{display:inline}.figures+.figures{margin-top:1.25rem}
.controls{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem 2rem;margin:1rem 0}.controls label{display:block;font-size:.875rem}.controls output{font-weight:600}.controls input{width:100%;accent-color:var(--accent)}
footer{margin-top:4rem;color:var(--muted);font-size:.8125rem}
@media screen and (max-width:48rem){.bar{display:contents}.bar nav{font-size:.8125rem}#arm-switch{position:sticky;top:0;z-index:2;background:var(--page);border-bottom:1px solid var(--line)}#arm-switch fieldset{position:static;max-width:100%;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr))}#arm-switch label{white-space:normal;overflow-wrap:anywhere}.verdicts{grid-template-columns:minmax(0,1fr)}.terms div{grid-template-columns:1fr}body{padding:0 1rem 3rem}.claims thead{display:none}.claims tbody tr{display:block;border-bottom:1px solid var(--line);padding:.6rem 0}.claims tbody th,.claims tbody td{display:block;width:auto!important;border:0;padding:.15rem 0}.wide:not(:only-child){display:none}.wide:only-child{overflow-x:auto}.wide:only-child .chart{max-width:none}.narrow{display:block}.narrow .chart{width:100%;max-width:30rem}.lead{font-size:1.125rem}tbody th small{display:none}#arms th:first-child{position:sticky;left:0;background:var(--page);padding-right:.75rem}}
@media (prefers-color-scheme:dark){${darkChartRules('.chart')}}
${INTERACTION}${WHAT_IF}${PRINT}`;
