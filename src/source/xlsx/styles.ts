/** Which cell styles turn a number into a date. */

import { FORMAT } from './numbers.ts';
import { childrenOf, type XmlElement } from './xmlTree.ts';

/** Formats that every workbook has without saying so; 27 to 36 and 50 to 58 are those of East Asia. */
const BUILT_IN: [from: number, to: number, format: number][] = [
  [14, 17, FORMAT.date],
  [18, 21, FORMAT.time],
  [22, 22, FORMAT.date],
  [27, 31, FORMAT.date],
  [32, 35, FORMAT.time],
  [36, 36, FORMAT.date],
  [45, 45, FORMAT.time],
  [46, 46, FORMAT.duration],
  [47, 47, FORMAT.time],
  [50, 58, FORMAT.date],
];

/** FORMAT of each cell style, by its index. Empty without a styles part: then every number is a number. */
export function readStyles(styles: XmlElement | undefined): Uint8Array {
  const custom = new Map<number, number>();
  for (const { attributes } of childrenOf(styles, 'numFmts', 'numFmt')) {
    custom.set(Number(attributes.numFmtId), formatOf(attributes.formatCode ?? ''));
  }
  return Uint8Array.from(childrenOf(styles, 'cellXfs', 'xf'), ({ attributes }) => {
    const id = Number(attributes.numFmtId ?? 0);
    return custom.get(id) ?? BUILT_IN.find(([from, to]) => id >= from && id <= to)?.[2] ?? FORMAT.number;
  });
}

/** What a format code shows, by its first section: letters that are no literals decide. */
function formatOf(code: string): number {
  const bare = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    // Up to the next bracket of either kind: else a row of opening ones takes quadratic time.
    .replace(/\[(?!(?:h+|m+|s+)\])[^[\]]*\]/gi, '')
    .replace(/am\/pm|a\/p|general/gi, '')
    .split(';')[0]!;
  if (/\[(?:h+|m+|s+)\]/i.test(bare)) return FORMAT.duration;
  if (/[yd]/i.test(bare)) return FORMAT.date;
  if (/[hs]/i.test(bare)) return FORMAT.time;
  return /m/i.test(bare) ? FORMAT.date : FORMAT.number;
}
