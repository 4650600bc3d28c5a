import { expect, test } from 'vitest';
import { escapeHtml, html, jsonAttribute, trusted } from './html.ts';

test('every character that could end text or an attribute is escaped', () => {
  expect(escapeHtml(`<a href="x" title='y'>&amp;`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;');
});

test('a template escapes data and keeps markup', () => {
  const inner = html`<b>${'<script>'}</b>`;
  expect(html`<p class="${'"'}">${inner}${[inner, 7]}${null}${undefined}</p>`.markup).toBe(
    '<p class="&quot;"><b>&lt;script&gt;</b><b>&lt;script&gt;</b>7</p>',
  );
});

test('trusted markup is inserted unchanged', () => {
  expect(html`${trusted('<svg/>')}`.markup).toBe('<svg/>');
});

test('JSON in an attribute keeps its quotes, and cannot end the attribute', () => {
  const value = { text: `it's <b> & "quoted"`, list: [1, null] };
  const { markup } = jsonAttribute('data-run', value);
  expect(markup).toMatch(/^data-run='[^'<>]*'$/);
  const read = markup
    .slice("data-run='".length, -1)
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
  expect(JSON.parse(read)).toEqual(value);
});
