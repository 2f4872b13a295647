-- How text of a roll is read. Every step that looks at raw text uses these and nothing else.

-- Spaces around a value mean nothing and an empty value is unknown: NULL, never ''. Few values have such spaces, and
-- looking at both ends first is a fifth of the price of trimming all of them.
create or replace macro blank(t) as case when t < '!' or suffix(t, ' ') then nullif(trim(t), '') else t end;

-- A whole number from 0 to 999,999,999,999, which is all that the rolls hold, else NULL. DuckDB's own cast would round
-- 12.7 to 13 and take 1e5, so anything that does not print back as it was written must be plain digits (leading zeros).
create or replace macro whole(t) as case
  when try_cast(t as bigint) between 0 and 999999999999 and try_cast(t as bigint)::varchar = t
    then try_cast(t as bigint)
  when regexp_full_match(t, '0*[0-9]{1,12}') then t::bigint
end;

-- A year of at most four digits, else NULL: what is staged as a small number must fit one.
create or replace macro year_number(t) as case when whole(t) <= 9999 then whole(t) end;

-- A whole number with a sign: for changes of a value.
create or replace macro signed_whole(t) as case when starts_with(t, '-') then -whole(t[2:]) else whole(t) end;

-- A decimal number that is not negative and has no exponent, else NULL.
create or replace macro decimal_number(t) as case
  when regexp_full_match(t, '[0-9]{1,12}(\.[0-9]{1,4})?') then try_cast(t as decimal(18, 4))
end;

-- What data/reference/fields.csv says of a roll's column: NULL for a column that is no field. Used in `columns(lambda …)`
-- it costs nothing: which columns are meant is settled before rows are read.
create or replace macro type_of(roll, name) as getvariable('types')[roll][name];
create or replace macro is_text(roll, name) as type_of(roll, name) in ('char', 'date-part', 'digit');

-- The name of a column whose text is no number of its type, else NULL.
create or replace macro unread(t, number) as case when t is not null and number is null then upper(alias(t)) end;
create or replace macro unread_whole(t) as unread(t, whole(t));
create or replace macro unread_signed(t) as unread(t, signed_whole(t));
create or replace macro unread_decimal(t) as unread(t, decimal_number(t));

-- Names joined by commas, in the order of the guide; NULL when there are none.
create or replace macro in_order(roll, names) as case when names <> '' then upper(array_to_string(
  list_filter(map_keys(getvariable('types')[roll]), lambda name: list_contains(string_split(lower(names), ','), name)),
  ','
)) end;
