-- Small readings that several datasets share.

-- First day of a roll's year and month; NULL when the month is unknown (blank, 00) or impossible. The year is kept
-- in its own column: an unknown month is never written as January.
create or replace macro month_start(y, m) as case
  when y between 1000 and 9999 and whole(m) between 1 and 12
    then make_date(y::integer, whole(m)::integer, 1)
end;

-- USPS code of a state that is one, spelled out or abbreviated; anything else (CANADA, ONTARIO) is kept in full.
create or replace macro usps(t) as coalesce(getvariable('states')[upper(t)], t);

-- Acres. With unit 1 (acres) some counties write two implied decimals: of the count and a hundredth of it, the one
-- nearer to the area in square feet is meant; without an area there is nothing to tell them apart by. Any other unit:
-- from the square feet.
create or replace macro acres(unit, units, sqft) as round(
  case
    when unit = '1' and units is not null then
      case
        when coalesce(sqft, 0) <= 0 then null
        when abs(units / 100 - sqft / 43560.0) < abs(units - sqft / 43560.0) then units / 100
        else units
      end
    else sqft / 43560.0
  end,
  4
)::decimal(18, 4);

-- True when a text is CODE;AMOUNT repeated, with or without a space after a separator.
create or replace macro are_exemptions(t) as regexp_full_match(t, '[A-Za-z]; ?[0-9]+(; ?[A-Za-z]; ?[0-9]+)*;?');

-- 'M;25000;A;100' as a map of code to amount above zero. A code written twice counts with the sum of its amounts. NULL
-- when any of it is no pair of code and amount (P16 names it, its text is kept): a map of the rest would pass for the
-- whole. An amount of more than twelve digits rejects its row (P07). Sorted, so that the hash of a row is always the same.
create or replace macro tangible_pairs(t) as list_filter(
  regexp_extract_all(replace(t, ' ', ''), '[A-Za-z];[0-9]+'),
  lambda pair: whole(pair[3:]) > 0
);
create or replace macro tangible_exemptions(t) as case when are_exemptions(t) then map_from_entries(
  list_transform(
    list_sort(list_distinct(list_transform(tangible_pairs(t), lambda pair: pair[1]))),
    lambda code: {
      'key': code,
      'value': list_sum(
        list_transform(
          list_filter(tangible_pairs(t), lambda pair: pair[1] = code),
          lambda pair: whole(pair[3:])
        )
      )::bigint
    }
  )
) end;
