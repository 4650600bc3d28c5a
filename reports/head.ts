/** The head of every page: one self-contained file that fetches nothing. */
import { html, type SafeHtml, trusted } from './html.ts';

/** The content security policy of a page without scripts. */
export const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export interface HeadOptions {
  /** What follows "Tollgate: " in the title. */
  readonly title: string;
  readonly style: string;
  /** Null if a header of the reply carries the policy. */
  readonly policy: string | null;
}

/** The start of the document, up to the end of its head. */
export function headOf({ title, style, policy }: HeadOptions): SafeHtml {
  const meta = policy === null ? null : html`<meta http-equiv="Content-Security-Policy" content="${policy}">\n`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${meta}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Tollgate: ${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(style)}</style>
</head>`;
}
