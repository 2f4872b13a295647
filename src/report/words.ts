/** Numbers and times as a page writes them. */

export const count = (value: number) => value.toLocaleString('en-US');

/** A share in percent; a dash where there is nothing to have a share of. What is little is not called 0, nor what is nearly all 100. */
export function percent(part: number, whole: number, digits = 2): string {
  if (whole === 0) return '–';
  const text = ((100 * part) / whole).toFixed(digits);
  const least = 10 ** -digits;
  if (part > 0 && Number(text) === 0) return `<${least} %`;
  if (part < whole && Number(text) === 100) return `>${(100 - least).toFixed(digits)} %`;
  return `${text} %`;
}

/** A change with its sign; `none` when there is none. */
export const change = (value: number) =>
  value === 0 ? '±0' : `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;

/** Change of a share, in points of a hundred. */
export function points(now: number, before: number): string {
  const value = 100 * (now - before);
  const text = Math.abs(value).toFixed(2);
  return text === '0.00' ? '±0' : `${value > 0 ? '+' : '−'}${text}`;
}

/** `2025-07-01 14:03` of an ISO or SQL timestamp. */
export const minute = (time: string) => time.slice(0, 16).replace('T', ' ');

/** A value of a roll, cut where a page has no room. */
export const shorten = (text: string | null, longest = 60) =>
  text && text.length > longest ? `${text.slice(0, longest - 1)}…` : text;

export const ROLLS = {
  nal: 'Real property (NAL)',
  sdf: 'Sales (SDF)',
  nap: 'Tangible personal property (NAP)',
};
