/** Numbers, shares and times as people read them: on a terminal, in a report, on the page. */

export const count = (value: number | bigint) => value.toLocaleString('en-US');

/** A share in percent; a dash where there is nothing to have a share of. What is little is not nothing, nor nearly all all. */
export function percent(part: number, whole: number, digits = 2): string {
  if (whole === 0) return '–';
  const text = ((100 * part) / whole).toFixed(digits);
  const least = (0.1 ** digits).toFixed(digits);
  if (part > 0 && Number(text) === 0) return `<${least} %`;
  if (part < whole && Number(text) === 100) return `>${(100 - Number(least)).toFixed(digits)} %`;
  return `${text} %`;
}

/** A share from 0 to 100, to be held against a limit; 0 where there is nothing to have a share of. */
export const percentage = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** A change with its sign; `none` when there is none. */
export const change = (value: number) =>
  value === 0 ? '±0' : `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;

/** Change of a share, in points of a hundred. */
export function points(now: number, before: number): string {
  const value = 100 * (now - before);
  if (value === 0) return '±0';
  const sign = value > 0 ? '+' : '−';
  return Math.abs(value) < 0.005 ? `${sign}<0.01` : `${sign}${Math.abs(value).toFixed(2)}`;
}

/** `2025-07-01 14:03` of an ISO or SQL timestamp. */
export const minute = (time: string) => time.slice(0, 16).replace('T', ' ');

/** Bytes of a file, a disk or an archive; small ones with what tells them apart. */
export function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0)} MB`;
}
