/** Numbers as people read them in a sheet: no exponents, no ".0", and dates by their format. */

/** How a number format shows a number. */
export const FORMAT = { number: 0, date: 1, time: 2, duration: 3 } as const;

const DAY_SECONDS = 86_400;
/** 9999-12-31, the last day that Excel shows. */
const LAST_SERIAL = 2_958_465;
/** No digit can be matched in two ways: else a long text that is no number takes quadratic time. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Text of a stored number: all its digits, so that the same number is read back; null when it is none. */
export function renderNumber(stored: string): string | null {
  const text = stored.trim();
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return null;
  // Up to 1e21 the language prints integers in full; -0 is 0.
  const shortest = String(value === 0 ? 0 : value);
  return shortest.includes('e-') ? withoutExponent(shortest) : shortest;
}

/** 1.5e-7 as 0.00000015. */
function withoutExponent(text: string): string {
  const [, sign, whole, fraction = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text)!;
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`;
}

/**
 * ISO text of a serial number: `2025-01-31`, `2025-01-31 08:30:00`, `08:30:00`, or hours beyond a day as `26:30:00`;
 * null when Excel shows none. In the 1900 system day 60 is 1900-02-29, which never was but is what Excel shows.
 */
export function renderDate(serial: number, format: number, date1904: boolean): string | null {
  if (!(serial >= 0) || serial >= LAST_SERIAL + 1) return null;
  const seconds = Math.round(serial * DAY_SECONDS);
  if (format === FORMAT.duration) return clock(seconds);
  const day = Math.floor(seconds / DAY_SECONDS);
  const time = seconds % DAY_SECONDS;
  if (format === FORMAT.time && day === 0) return clock(time);
  const date = dayText(day, date1904);
  return time === 0 ? date : `${date} ${clock(time)}`;
}

function dayText(day: number, date1904: boolean): string {
  if (!date1904 && day === 0) return '1900-01-00';
  if (!date1904 && day === 60) return '1900-02-29';
  const start = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, day < 60 ? 31 : 30);
  return new Date(start + day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}

function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A date cell's own text; midnight is left out. Null when it is no ISO date or time. */
export function isoDate(text: string): string | null {
  const found =
    /^(\d{4}-\d\d-\d\d)?(?:T?(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const [, date, time] = found;
  if (!date && !time) return null;
  const clock = time && time.length === 5 ? `${time}:00` : time;
  if (!date) return clock!;
  return clock && clock !== '00:00:00' ? `${date} ${clock}` : date;
}
