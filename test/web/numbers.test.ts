import { expect, test } from 'vitest';
import { factsOf } from '../../src/explore/catalog.ts';
import { percent } from '../../src/formats.ts';
import { grouped, isQuantity } from '../../web/src/numbers.ts';

test.each([
  ['0', '0'],
  ['999', '999'],
  ['1000', '1,000'],
  ['-1234567', '-1,234,567'],
  ['1234567.8901', '1,234,567.8901'],
  ['170141183460469231731687303715884105727', '170,141,183,460,469,231,731,687,303,715,884,105,727'],
  ['1e+21', '1e+21'],
  ['NaN', 'NaN'],
  ['Infinity', 'Infinity'],
  ['', ''],
])('%s → %s', (text, wanted) => expect(grouped(text)).toBe(wanted));

test.each([
  // What DOR says of the field.
  ['dor_properties', 'just_value', 'BIGINT', true],
  ['dor_properties', 'building_value', 'BIGINT', true],
  ['dor_properties', 'total_living_area', 'INTEGER', true],
  ['dor_properties', 'year_built', 'SMALLINT', false],
  ['dor_properties', 'year', 'SMALLINT', false],
  ['dor_properties', 'county_no', 'SMALLINT', false],
  ['dor_properties', 'parcel_id', 'VARCHAR', false],
  ['dor_sales_current', 'sale_price', 'BIGINT', true],
  ['dor_sales', 'sale_year', 'SMALLINT', false],
  // What a name says of a column that no field is.
  [null, 'parcels', 'BIGINT', true],
  [null, 'count_star()', 'BIGINT', true],
  [null, 'median_price', 'DOUBLE', true],
  [null, 'no_of_sales', 'BIGINT', true],
  [null, 'sale_id', 'BIGINT', false],
  [null, 'roll_year', 'BIGINT', false],
  [null, 'MONTH', 'BIGINT', false],
  [null, 'zip5', 'INTEGER', false],
  [null, 'parcels', 'VARCHAR', false],
])('%s %s %s is a quantity: %s', (table, name, type, wanted) =>
  expect(isQuantity(name, type, table === null ? null : factsOf(table, name))).toBe(wanted),
);

test.each([
  [0, 100, '0.00 %'],
  [100, 100, '100.00 %'],
  [1, 300_000, '<0.01 %'],
  [4, 100_000, '<0.01 %'],
  [5, 100_000, '0.01 %'],
  [299_999, 300_000, '>99.99 %'],
  [1, 3, '33.33 %'],
  [0, 0, '–'],
])('%s of %s is %s', (part, whole, words) => expect(percent(part, whole)).toBe(words));

test('as finely as is asked', () => {
  expect(percent(0.0004, 1, 1)).toBe('<0.1 %');
  expect(percent(0.9996, 1, 1)).toBe('>99.9 %');
  expect(percent(0.001, 1, 0)).toBe('<1 %');
});

test("plain names beside DOR's", () => {
  expect(factsOf('dor_properties_current', 'just_value')).toEqual({
    dor: ['JV'],
    meaning: 'Market value opinion after statutory adjustment; total for the parcel',
    unit: 'USD',
  });
  expect(factsOf('dor_properties', 'building_value')).toMatchObject({
    dor: ['JV', 'LND_VAL'],
    meaning: '',
    unit: 'USD',
  });
  expect(factsOf('runs', 'year')).toEqual({ dor: [], meaning: '', unit: null });
});
