/** The frame that all pages share: one file, no script, nothing from elsewhere. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, type Markup, raw } from './html.ts';

const STYLE = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');

/** A whole page. The policy lets a browser load nothing at all, whatever a roll may hold. */
export function page(title: string, header: Markup, main: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<header>${header}</header>
<main id="main">
${main}
</main>
</body>
</html>
`.text;
}

/** A column of a table: its heading, and whether it holds numbers. */
export type Heading = string | { number: string };

/**
 * A table that scrolls by itself when it is wider than the page: the first cell of a row is its heading.
 * A scrolling box can be reached by keyboard, so it says what it holds.
 */
export function table(name: string, headings: Heading[], rows: Cell[][], caption?: Markup | string): Markup {
  const numeric = headings.map((heading) => typeof heading !== 'string');
  const cell = (value: Cell, index: number) => {
    const mark = numeric[index] ? raw(' class="n"') : '';
    return index === 0 ? html`<th scope="row"${mark}>${value}</th>` : html`<td${mark}>${value}</td>`;
  };
  // A heading without words is none.
  const head = (heading: Heading) => {
    if (heading === '') return raw('<td></td>');
    const [mark, words] = typeof heading === 'string' ? ['', heading] : [raw(' class="n"'), heading.number];
    return html`<th scope="col"${mark}>${words}</th>`;
  };
  return html`<div class="wide" role="region" aria-label="${name}" tabindex="0"><table${caption ? '' : html` aria-label="${name}"`}>
${caption ? html`<caption>${caption}</caption>` : ''}
<thead><tr>${headings.map(head)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table></div>`;
}

export type Cell = string | number | null | Markup | (Markup | string)[];

/** A share as a bar, for the eye only: the number stands beside it. */
export function meter(part: number): Markup {
  return html`<span class="track" aria-hidden="true"><span class="bar" style="width:${(100 * Math.min(1, Math.max(0, part))).toFixed(1)}%"></span></span>`;
}
