-- What several rules need: readings of ids, and the code lists and caps as variables.
-- param: reference
-- param: roll_year

-- True when a column besides those in `own` (which have rules of their own) held text that is no number.
create or replace macro other_columns(uncast, own) as
  len(list_filter(string_split(uncast, ','), lambda name: not list_contains(own, name))) > 0;

-- More characters than the column allows. Bytes are counted first because that costs nothing (AND would do both).
create or replace macro too_wide(t, width) as case when strlen(t) > width then length(t) > width else false end;

-- A code without its leading zeros: strata are written 01 in one column and 1 in the next.
create or replace macro unpadded(t) as ltrim(t, '0');

-- What names a recording: the clerk's number, else book and page, else NULL. A list, because any character may stand in
-- them, so that book 1/2, page 3 and book 1, page 2/3 would look alike as one text.
create or replace macro recording(clerk, book, page) as case
  when clerk is not null then [clerk]
  when book is not null and page is not null then [book, page]
end;

-- Sum of the digits of twice a digit.
create or replace macro doubled(digit) as digit * 2 - case when digit > 4 then 9 else 0 end;

-- True when a record separator or a unit separator stands in it: half the price of a regular expression.
create or replace macro holds_separator(t) as contains(t, chr(30)) or contains(t, chr(31));

-- True when one of the values, joined by unit separators, is what spreadsheets write for a number of more than eleven
-- digits, for a code that looks like a day, or for an error. The first look is for what all of these have, because it costs
-- a tenth. The months' small letters tell them from codes: rolls are upper-case.
create or replace macro spreadsheet_damage(t) as case when contains(t, 'E+') or contains(t, '-') or contains(t, '#')
  then regexp_matches(t, '(^|\x1f)([0-9]([.,][0-9]+)?E\+[0-9]{2,3}|'
    || '[0-9]{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(-[0-9]{2,4})?|'
    || '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{2}|'
    || '#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|#+))(\x1f|$)')
  else false end;

-- Luhn check digit of a number of up to ten digits.
create or replace macro luhn(n) as (10 - (
  doubled(n % 10) + n // 10 % 10 + doubled(n // 100 % 10) + n // 1000 % 10 + doubled(n // 10000 % 10)
  + n // 100000 % 10 + doubled(n // 1000000 % 10) + n // 10000000 % 10 + doubled(n // 100000000 % 10)
  + n // 1000000000 % 10
) % 10) % 10;

-- DOR writes one serial twice: in hexadecimal (MP_ID 00B5E2FC) and as ten digits with a check digit
-- (C16-001-192-0124-2).
create or replace macro same_parcel_number(mp_id, state_id) as
  regexp_full_match(mp_id, '[0-9A-Fa-f]{1,8}')
  and regexp_full_match(state_id, 'C[0-9]{2}-[0-9]{3}-[0-9]{3}-[0-9]{4}-[0-9]')
  and try_cast('0x' || mp_id as bigint) = try_cast(replace(state_id[5:16], '-', '') as bigint)
  and luhn(try_cast('0x' || mp_id as bigint)) = try_cast(state_id[18:18] as bigint);

set variable dor_use = (select list(code) from codes where codelist = 'dor_use');
set variable sale_qualification = (select list(code) from codes where codelist = 'sale_qualification');
set variable sale_change = (select list(code) from codes where codelist = 'sale_change');
set variable public_land = (select list(code) from codes where codelist = 'public_land');
set variable jv_change = (select list(code) from codes where codelist = 'jv_change');
set variable homestead_cap = (
  select cap::bigint
  from read_csv(getvariable('reference') || '/caps.csv', all_varchar = true, header = true)
  where exemption = 'EXMPT_02' and roll_year = getvariable('roll_year')::varchar
);
