-- True when a record says that its owner's home is exempt from public disclosure (section 119.071, Florida Statutes). The rolls
-- have no column for it: counties write it over the name, an address or the legal description, in words of their own.
-- Wide on purpose: a firm called CONFIDENTIAL is hidden, too, and loses nothing by it.
create or replace macro confidential(t) as coalesce(
  regexp_matches(
    t,
    '\b(CONFIDENTIAL|CONFIDENTIALITY|REDACTED|WITHHELD|119\.07|119\.?071)\b|\bEXEMPT (FROM )?PUBLIC|PUBLIC RECORDS? EXEMPT|PROTECTED (OWNER|NAME|ADDRESS|RECORD|PERSON)|\bNAME EXEMPT',
    'i'
  ),
  false
);
