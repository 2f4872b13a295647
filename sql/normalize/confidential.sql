-- True when a record says that its owner's home is exempt from public disclosure (section 119.071, Florida Statutes). The rolls
-- have no column for it: counties write it over the name, an address or the legal description, in words of their own.
-- Wide on purpose: a firm called CONFIDENTIAL is hidden, too, and loses nothing by it.
create or replace macro confidential(t) as coalesce(
  regexp_matches(
    t,
    '\bCONFIDENTIAL|\b(REDACTED|WITHHELD|NOT (TO BE )?DISCLOSED|NON-?DISCLOS(ED|URE))\b|\b119\.?07|\bEXEMPT (FROM )?PUBLIC|PUBLIC RECORDS? EXEMPT|\bEXEMPT (RECORD|OWNER|NAME)|PROTECTED (OWNER|NAME|ADDRESS|RECORD|PERSON|INFO)|\b(INFO|INFORMATION|OWNER|NAME|ADDRESS|RECORD)[ _-](IS )?(PROTECTED|EXEMPT)',
    'i'
  ),
  false
);

-- A parcel id as it is compared where something must stay hidden: one id is written with and without dashes, blanks and
-- leading zeros, in capitals and in small letters.
create or replace macro id_key(t) as nullif(ltrim(regexp_replace(upper(t), '[^A-Z0-9]+', '', 'g'), '0'), '');

-- Keys of all that may be an id in a record of which no column can be read. Shorter ones are codes, years and counts.
create or replace macro id_keys_in(t) as list_filter(
  list_distinct(list_transform(string_split_regex(t, '[,;|"\t\r\n]+'), lambda cell: id_key(cell))),
  lambda key: length(key) >= 5 and regexp_matches(key, '[0-9]')
);

-- True when a text names a key: read as keys are, with its commas, so that two cells do not grow together.
create or replace macro mentions(t, key) as contains(regexp_replace(upper(t), '[^A-Z0-9,]+', '', 'g'), key);

-- Keys of all parcels and accounts that are confidential in the county at hand, as src/confidential.ts fills it.
create temp table if not exists confidential_keys (key varchar);

-- True for the id of one of them.
create or replace macro of_confidential(id) as coalesce(id_key(id) in (from confidential_keys), false);
