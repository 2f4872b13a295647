-- How text of a roll is read. Every step that looks at raw text uses these and nothing else.

-- Spaces around a value mean nothing and an empty value is unknown: NULL, never ''.
create or replace macro blank(t) as nullif(trim(t), '');

-- A whole number, else NULL. DuckDB's own cast would round 12.7 to 13 and take 1e5, so anything that does not
-- print back as it was written must be plain digits (leading zeros) to count.
create or replace macro whole(t) as case
  when try_cast(t as bigint)::varchar = t or regexp_full_match(t, '-?[0-9]{1,18}') then try_cast(t as bigint)
end;

-- A decimal number without exponent, else NULL.
create or replace macro decimal_number(t) as case
  when regexp_full_match(t, '-?([0-9]{1,14})(\.[0-9]{1,4})?') then try_cast(t as decimal(18, 4))
end;
