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
