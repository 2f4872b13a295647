-- grain: one row per record of the file, in no particular order; a record is a parcel of the real property roll.
-- All columns of data/reference/fields.csv arrive as text in `source` and become what their type there says.
-- A value that should be a number and is not becomes NULL and its column is named in `uncast`, so that a rule
-- can reject the row; nothing is guessed. `line_hash` is the hash of the untouched text, by which a rejected row's
-- line is found in the file again. Codes keep their leading zeros because they stay text.
-- reads: source
with text as (
  select blank(columns(* exclude (extra, line_hash))), extra, line_hash
  from source
),
typed as (
  select
    upper(parcel_id) as parcel_id,
    columns(lambda name: is_text('nal', name) and name <> 'parcel_id'),
    -- Year and month of a sale slot are staged as small numbers.
    year_number(sale_yr1) as sale_yr1,
    year_number(sale_yr2) as sale_yr2,
    whole(columns(lambda name: type_of('nal', name) = 'int' and name not in ('sale_yr1', 'sale_yr2'))),
    signed_whole(columns(lambda name: type_of('nal', name) = 'signed')),
    decimal_number(columns(lambda name: type_of('nal', name) = 'decimal')),
    extra,
    line_hash,
    nullif(concat_ws(',', unpack(unread_whole(columns(lambda name: type_of('nal', name) = 'int')))), '') as not_whole,
    nullif(concat_ws(',', unpack(unread_signed(columns(lambda name: type_of('nal', name) = 'signed')))), '') as not_signed,
    nullif(concat_ws(',', unpack(unread_decimal(columns(lambda name: type_of('nal', name) = 'decimal')))), '') as not_decimal,
    nullif(concat_ws(
      ',',
      case when whole(sale_yr1) > 9999 then 'SALE_YR1' end,
      case when whole(sale_yr2) > 9999 then 'SALE_YR2' end,
      case when not regexp_full_match(sale_mo1, '[0-9]{1,2}') then 'SALE_MO1' end,
      case when not regexp_full_match(sale_mo2, '[0-9]{1,2}') then 'SALE_MO2' end
    ), '') as not_small
  from text
)
select
  * exclude (not_whole, not_signed, not_decimal, not_small),
  in_order('nal', concat_ws(',', not_whole, not_signed, not_decimal, not_small)) as uncast
from typed
