/** One spelling of maps, lists and structs, whatever the format: JSON, as the engine's `to_json` writes it. */

import {
  type DuckDBArrayType,
  DuckDBIntervalValue,
  type DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionType,
  type Json,
} from '@duckdb/node-api';

/** The engine hands these out as text. */
const WIDE = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.DECIMAL,
]);

/** Digits that every reader of JSON keeps. */
const EXACT = 15;

const NESTED = new Set([
  DuckDBTypeId.MAP,
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.UNION,
]);

/**
 * A value of the engine's JSON converter as JSON text. Written by hand: an object would put keys that are numbers in
 * front. `forReaders` quotes whole numbers of more than 15 digits, which readers of JSON would round.
 */
export function jsonText(value: Json, type: DuckDBType, forReaders: boolean): string {
  if (value === null) return 'null';
  if (WIDE.has(type.typeId)) return wideNumber(String(value), forReaders);
  if (type.typeId === DuckDBTypeId.INTERVAL) return JSON.stringify(intervalText(value));
  if (!NESTED.has(type.typeId)) return JSON.stringify(withoutEnd(value, type));
  const inner = (one: Json | undefined, of: DuckDBType) => jsonText(one ?? null, of, forReaders);
  const pairs = (all: [string, Json | undefined, DuckDBType][]) =>
    `{${all.map(([key, one, of]) => `${JSON.stringify(key)}:${inner(one, of)}`).join(',')}}`;
  if (type instanceof DuckDBMapType) {
    const entries = value as { key: Json; value: Json }[];
    return pairs(entries.map((one) => [cellText(one.key, type.keyType), one.value, type.valueType]));
  }
  if (type instanceof DuckDBStructType) {
    const fields = value as Record<string, Json>;
    return pairs(type.entryNames.map((name, at) => [name, fields[name], type.entryTypes[at]!]));
  }
  if (type instanceof DuckDBUnionType) {
    const { tag, value: held } = value as { tag: string; value: Json };
    return pairs([[tag, held, type.memberTypeForTag(tag)]]);
  }
  const { valueType } = type as DuckDBListType | DuckDBArrayType;
  return `[${(value as Json[]).map((one) => inner(one, valueType)).join(',')}]`;
}

/** A value of the engine's JSON converter as the text of a cell; NULL is nothing. */
export function cellText(value: Json, type: DuckDBType): string {
  if (value === null) return '';
  if (NESTED.has(type.typeId)) return jsonText(value, type, false);
  if (type.typeId === DuckDBTypeId.INTERVAL) return intervalText(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(withoutEnd(value, type));
}

/** Days without end, which the converter spells as days beyond the engine's last ones. */
const ENDLESS: Record<string, string> = { '5881580-07-11': 'infinity', '5877642-06-24 (BC)': '-infinity' };

const withoutEnd = (value: Json, type: DuckDBType): Json =>
  type.typeId === DuckDBTypeId.DATE ? (ENDLESS[String(value)] ?? value) : value;

function wideNumber(text: string, forReaders: boolean): string {
  if (text.replace(/\D/g, '').length <= EXACT) return String(Number(text));
  return forReaders ? JSON.stringify(text) : text;
}

function intervalText(value: Json): string {
  const { months, days, micros } = value as { months: number; days: number; micros: string };
  return String(new DuckDBIntervalValue(months, days, BigInt(micros)));
}

/** True for the name of a type whose values are spelled as JSON. */
export const isNested = (type: string): boolean => /^(MAP|STRUCT|UNION)\(|\]$/.test(type);
