/** One spelling of every value, whatever the format. Maps, lists, structs and unions are JSON, as the engine's `to_json` writes them. */

import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  type DuckDBListType,
  DuckDBListValue,
  type DuckDBMapType,
  DuckDBMapValue,
  type DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBUnionType,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';

/** Digits that every reader of JSON keeps. */
const EXACT = 15;

/**
 * A value as JSON text. Written by hand: an object would put keys that are numbers in front. `forReaders` quotes whole
 * numbers and decimals of more than 15 digits, which readers of JSON would round. NaN and the infinities, which JSON does
 * not have, are texts.
 */
export function jsonText(value: DuckDBValue, type: DuckDBType, forReaders: boolean): string {
  if (value === null) return 'null';
  if (isNestedValue(value))
    return nestedText(value, type, (inner, of) => jsonText(inner ?? null, of, forReaders));
  const text = cellText(value, type);
  if (typeof value === 'bigint' || value instanceof DuckDBDecimalValue) {
    if (text.replace(/\D/g, '').length <= EXACT) return String(Number(text));
    return forReaders ? JSON.stringify(text) : text;
  }
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return text;
  if (type.alias === 'JSON' && typeof value === 'string') return text.replaceAll(/[\r\n]/g, ' ');
  return value instanceof DuckDBVariantValue ? JSON.stringify(unwrapped(value, type)) : JSON.stringify(text);
}

/** A value as the text of a cell; NULL is nothing. */
export function cellText(value: DuckDBValue, type: DuckDBType): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (isNestedValue(value)) return jsonText(value, type, false);
  if (typeof value === 'number' && type.typeId === DuckDBTypeId.FLOAT) return String(single(value));
  if (value instanceof DuckDBDateValue && !value.isFinite) return value.days > 0 ? 'infinity' : '-infinity';
  // By the driver its hour would depend on the time zone of this machine, and on the season.
  if (value instanceof DuckDBTimestampTZValue) {
    const utc = String(new DuckDBTimestampValue(value.micros));
    return value.isFinite ? utc.replace(/( \(BC\))?$/, '+00$1') : utc;
  }
  if (value instanceof DuckDBVariantValue) {
    const json = unwrapped(value, type);
    return typeof json === 'object' ? JSON.stringify(json) : String(json);
  }
  return String(value);
}

type NestedValue = DuckDBMapValue | DuckDBStructValue | DuckDBUnionValue | DuckDBListValue | DuckDBArrayValue;

const isNestedValue = (value: DuckDBValue): value is NestedValue =>
  value instanceof DuckDBMapValue ||
  value instanceof DuckDBStructValue ||
  value instanceof DuckDBUnionValue ||
  value instanceof DuckDBListValue ||
  value instanceof DuckDBArrayValue;

function nestedText(
  value: NestedValue,
  type: DuckDBType,
  inner: (value: DuckDBValue | undefined, of: DuckDBType) => string,
): string {
  const pair = (key: string, one: DuckDBValue | undefined, of: DuckDBType) =>
    `${JSON.stringify(key)}:${inner(one, of)}`;
  if (value instanceof DuckDBMapValue) {
    const { keyType, valueType } = type as DuckDBMapType;
    return `{${value.entries.map((one) => pair(cellText(one.key, keyType), one.value, valueType)).join(',')}}`;
  }
  if (value instanceof DuckDBStructValue) {
    const { entryNames, entryTypes } = type as DuckDBStructType;
    return `{${entryNames.map((name, at) => pair(name, value.entries[name], entryTypes[at]!)).join(',')}}`;
  }
  if (value instanceof DuckDBUnionValue) {
    const { memberTags, memberTypes } = type as DuckDBUnionType;
    return `{${pair(value.tag, value.value, memberTypes[memberTags.indexOf(value.tag)]!)}}`;
  }
  const { valueType } = type as DuckDBListType;
  return `[${value.items.map((one) => inner(one, valueType)).join(',')}]`;
}

/** The fewest digits that are this number in single precision: 0.1, not 0.10000000149011612. */
function single(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const unwrapped = (value: DuckDBVariantValue, type: DuckDBType): Json =>
  JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter);

/** True for the name of a type whose values are spelled as JSON. */
export const isNested = (type: string): boolean => /^(MAP|STRUCT|UNION)\(|\]$/.test(type);
