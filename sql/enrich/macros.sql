-- Who owns it, and does the owner live there: readings of names and addresses, the same for parcels and accounts.

-- A name without any telling word: LAST,FIRST is a person; plain words are what they mostly are in that roll (`plain`:
-- persons own parcels, but an account's plain words may as well be a shop's sign); anything else is unknown.
create or replace macro plain_name_kind(name, plain) as case
  when regexp_matches(name, '^[A-Z''. -]{2,}, ?[A-Z]', 'i') then 'person'
  when regexp_matches(name, '^[A-Z''.-]+( [A-Z''.&/-]+)+$', 'i') then plain
  else 'unknown'
end;

-- Kind of owner by whole words, in this order: the first that fits wins. Whole words only: BANKS is a person, CITYWIDE
-- no city, TRUSTY no trust. Most names hold none of the words, so one look for any of them comes first.
create or replace macro owner_kind(name, plain) as case
  when name is null then null
  when not regexp_matches(name, '\b(CITY|TOWN|VILLAGE|COUNTY|STATE|UNITED|USA|U S A|US|FEDERAL|DEPT|DEPARTMENT|AUTHORITY|DISTRICT|SCHOOL|BOARD|COMMISSION|COMMISSIONERS|HOUSING|FDOT|FLORIDA|TIITF|BANK|BANKING|MORTGAGE|CREDIT|SAVINGS|NA|FSB|N A|EST|ESTATE|EST OF|HEIRS|TR|TRS|TRUST|TRUSTEE|TRUSTEES|TRST|REVOCABLE|REV|ASSN|ASSOC|ASSOCIATION|HOA|CONDO|CONDOMINIUM|CONDOMINIUMS|HOMEOWNERS|OWNERS|CHURCH|MINISTRY|MINISTRIES|CHAPEL|TEMPLE|DIOCESE|SYNAGOGUE|CONGREGATION|MOSQUE|FOUNDATION|CHARITY|CHARITIES|HABITAT|LLC|L L C|INC|CORP|CORPORATION|CO|COMPANY|LTD|LP|LLP|LLLP|L P|PA|PLLC|PLC|PARTNERSHIP|PARTNERS|HOLDINGS|PROPERTIES|INVESTMENTS|INVESTORS|ENTERPRISES|GROUP|VENTURES|CAPITAL|REALTY|FUND|GMBH|BV|SA|SRL|LIMITED|INCORPORATED|HOTEL|PLAZA|RENTALS|HOMES|BUILDERS|DEVELOPMENT|MANAGEMENT|SERVICES|STORES)\b', 'i')
    then plain_name_kind(name, plain)
  when regexp_matches(name, '\b((CITY|TOWN|VILLAGE) OF|COUNTY OF|STATE OF|UNITED STATES|FEDERAL GOVERNMENT|DEPT|DEPARTMENT|AUTHORITY|SCHOOL BOARD|BOARD OF|COMMISSION(ERS)?|FDOT|TIITF|(WATER|FIRE|DRAINAGE|DEVELOPMENT|TAXING|SCHOOL|MANAGEMENT|IMPROVEMENT|CONTROL) (\w+ )?DIST(RICT)?)\b|^(USA|U S A)( ?-.*)?$|^([A-Z.-]+ ){1,2}COUNTY\b', 'i')
    and not regexp_matches(name, '\b(LLC|INC|CORP|LTD|LP|CREDIT UNION|BANK)\b', 'i')
    then 'government'
  when regexp_matches(name, '\b(BANK|FSB|CREDIT UNION|MORTGAGE (CO|CORP|COMPANY|ASSN|ASSOCIATION|LLC|INC)|SAVINGS AND LOAN|SAVINGS (&|ASSN))\b', 'i')
    and not regexp_matches(name, '\b(FOOD|BLOOD) BANK\b', 'i')
    then 'bank'
  when regexp_matches(name, '\b(EST(ATE)? OF|HEIRS)\b', 'i')
    or (regexp_matches(name, '\b(EST|ESTATE)$', 'i') and not regexp_matches(name, '\b(LIFE|REAL) EST(ATE)?$', 'i'))
    then 'estate'
  when regexp_matches(name, '\b(ASSN|ASSOC|ASSOCIATION|HOA|CONDO|CONDOMINIUMS?|(HOME|PROPERTY|UNIT|LOT) ?OWNERS)\b', 'i')
    then 'association'
  when regexp_matches(name, '\b(CHURCH|MINISTRY|MINISTRIES|CHAPEL|DIOCESE|SYNAGOGUE|CONGREGATION|MOSQUE|FOUNDATION|CHARITY|CHARITIES|HABITAT FOR HUMANITY)\b', 'i')
    then 'nonprofit'
  when regexp_matches(name, '\b(TR|TRS|TRUST|TRUSTEES?|TRST|REVOCABLE)\b', 'i')
    then 'trust'
  when regexp_matches(name, '\b(LLC|L L C|INC|INCORPORATED|CORP|CORPORATION|CO|COMPANY|LTD|LIMITED|LP|LLP|LLLP|L P|PA|PLLC|PLC|PARTNERSHIP|PARTNERS|HOLDINGS|PROPERTIES|INVESTMENTS|INVESTORS|ENTERPRISES|GROUP|VENTURES|CAPITAL|REALTY|FUND|GMBH|BV|SA|SRL|HOTEL|PLAZA|RENTALS|HOMES|BUILDERS|DEVELOPMENT|MANAGEMENT|SERVICES|STORES)\b', 'i')
    then 'company'
  else plain_name_kind(name, plain)
end;

-- An address as one compares it: letters and digits only.
create or replace macro squeezed(address) as regexp_replace(upper(address), '[^A-Z0-9]', '', 'g');

-- True when the owner's mail goes out of Florida; NULL when nobody can tell.
create or replace macro out_of_state(state, domicile) as coalesce(state <> 'FL', domicile <> 'FL');
