-- grain: one row per record of the file, in no particular order; a record is a tangible personal property account.
-- All columns of data/reference/fields.csv arrive as text in `source` and become what their type there says.
-- A value that should be a number and is not becomes NULL and its column is named in `uncast`, so that a rule
-- can reject the row; nothing is guessed. `line_hash` is the hash of the untouched text, by which a rejected row's
-- line is found in the file again. Codes keep their leading zeros because they stay text.
-- reads: source
with text as (
  select blank(columns(* exclude (extra, line_hash))), extra, line_hash
  from source
)
select
  columns(lambda name: is_text('nap', name)),
  whole(columns(lambda name: type_of('nap', name) = 'int')),
  extra,
  line_hash,
  nullif(concat_ws(
    ',',
    unpack(unread_whole(columns(lambda name: type_of('nap', name) = 'int'))),
    case when regexp_matches(exmpt, '[A-Za-z]; ?0*[1-9][0-9]{12}') then 'EXMPT' end
  ), '') as uncast
from text
