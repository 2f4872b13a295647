/** Draws docs/data-flow.svg from the step list: `npm run draw`. test/docs.test.ts holds the two together. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { STEPS, type StepNote } from '../src/stepList.ts';

export const PICTURE = join(import.meta.dirname, 'data-flow.svg');

const COLUMN = 118;
const LEFT = 118;
const BOX = { width: 106, height: 62, top: 44 };
const LANES: { place: StepNote['place']; title: string; top: number; fill: string }[] = [
  { place: 'session', title: 'DuckDB session', top: 136, fill: '#eef2f7' },
  { place: 'lake', title: 'lake: Parquet, JSON', top: 186, fill: '#e7f3ec' },
  { place: 'target', title: 'Postgres', top: 236, fill: '#f6efe2' },
];
const LANE_HEIGHT = 42;

/** The picture: steps in a row, and under each, in the lane of its place, what it leaves. */
export function drawFlow(): string {
  const steps: [string, StepNote][] = Object.entries(STEPS);
  const path = steps.filter(([, note]) => !note.aside);
  const width = LEFT + path.length * COLUMN + 8;
  const height = LANES.at(-1)!.top + LANE_HEIGHT + 34;
  const aside = steps
    .filter(([, note]) => note.aside)
    .map(([name, { does, leaves }]) => `${name}: ${does} → ${leaves}, when sales come alone`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 32 ${width} ${height - 32}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="The steps of a roll from its file to Postgres">`,
    '<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L6 3L0 6z" fill="#51606f"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...LANES.flatMap(({ title, top, fill }) => [
      `<rect x="4" y="${top}" width="${width - 8}" height="${LANE_HEIGHT}" rx="6" fill="${fill}"/>`,
      text(12, top + 25, title, '#51606f'),
    ]),
    text(12, BOX.top + 28, 'NAL, SDF, NAP:', '#1d2733', 'bold'),
    text(12, BOX.top + 43, 'zip, CSV, Excel …', '#1d2733'),
    arrow(LEFT - 14, BOX.top + 31, LEFT - 1, BOX.top + 31),
    ...path.flatMap(([name, note], index) => drawStep(name, note, index, index === path.length - 1)),
    ...aside.map((line, index) => text(LEFT, height - 12 - 14 * index, line, '#51606f')),
    '</svg>',
    '',
  ].join('\n');
}

function drawStep(name: string, { does, leaves, place }: StepNote, index: number, last: boolean): string[] {
  const x = LEFT + index * COLUMN;
  const middle = x + BOX.width / 2;
  const lane = LANES.find((one) => one.place === place)!;
  const chip = lane.top + 9;
  return [
    `<rect x="${x}" y="${BOX.top}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="#1f4e79"/>`,
    text(middle, BOX.top + 20, name, '#ffffff', 'bold', 'middle'),
    ...wrap(does, 17).map((line, row) =>
      text(middle, BOX.top + 37 + 14 * row, line, '#dce6f0', 'normal', 'middle'),
    ),
    ...(last ? [] : [arrow(x + BOX.width, BOX.top + 31, x + COLUMN - 1, BOX.top + 31)]),
    arrow(middle, BOX.top + BOX.height, middle, chip - 1),
    `<rect x="${x}" y="${chip}" width="${BOX.width}" height="24" rx="12" fill="#ffffff" stroke="#51606f"/>`,
    text(middle, chip + 16, leaves, '#1d2733', 'normal', 'middle', 10),
  ];
}

/** Lines of about so many letters. */
function wrap(words: string, letters: number): string[] {
  const lines = [''];
  for (const word of words.split(' ')) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length <= letters) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines;
}

const escaped = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const text = (
  x: number,
  y: number,
  value: string,
  fill: string,
  ...[weight = 'normal', anchor = 'start', size = 11]: [string?, string?, number?]
) =>
  `<text x="${x}" y="${y}" fill="${fill}" font-weight="${weight}" text-anchor="${anchor}" font-size="${size}">${escaped(value)}</text>`;

const arrow = (x1: number, y1: number, x2: number, y2: number) =>
  `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#51606f" fill="none" marker-end="url(#tip)"/>`;

if (import.meta.url === pathToFileURL(process.argv[1]!).href) writeFileSync(PICTURE, drawFlow());
