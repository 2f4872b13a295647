-- The committed facts as tables: codes.csv by list, the use codes with their group, the states by every spelling.
-- param: reference
-- leaves: codes, fields, uses, qualifications
create or replace temp table codes as
select codelist, code, meaning
from read_csv(getvariable('reference') || '/codes.csv', all_varchar = true, header = true, auto_detect = false,
  columns = {'codelist': 'varchar', 'code': 'varchar', 'meaning': 'varchar'}, quote = '"', escape = '"');

create or replace temp table fields as
select lower(dataset) as roll, ordinal::int as ordinal, lower(name) as name, type
from read_csv(getvariable('reference') || '/fields.csv', all_varchar = true, header = true, auto_detect = false,
  columns = {'dataset': 'varchar', 'ordinal': 'varchar', 'name': 'varchar', 'type': 'varchar', 'max_width': 'varchar',
    'nullable': 'varchar', 'unit': 'varchar', 'description': 'varchar', 'codelist': 'varchar', 'since': 'varchar',
    'until': 'varchar'},
  quote = '"', escape = '"');

-- A map from roll and column to the column's type, in the order of the guide.
set variable types = (
  select map_from_entries(list({'key': roll, 'value': by_name}))
  from (select roll, map_from_entries(list({'key': name, 'value': type} order by ordinal)) as by_name from fields group by roll)
);

-- grain: one row per use code. Groups are ranges of codes ('010-039') in codes.csv.
create or replace temp table uses as
select u.code, u.meaning as description, regexp_replace(g.meaning, ' \(.*', '') as use_group
from codes u
left join codes g
  on g.codelist = 'dor_use_group'
  and u.code between split_part(g.code, '-', 1) and split_part(g.code, '-', -1)
where u.codelist = 'dor_use';

-- grain: one row per qualification code.
create or replace temp table qualifications as
select q.code, q.meaning as description, g.meaning as arms_length_group
from codes q
left join codes g on g.codelist = 'sale_qualification_group' and g.code = q.code
where q.codelist = 'sale_qualification';

-- A map from every spelling of a state to its USPS code.
set variable states = (
  select map_from_entries(list(distinct {'key': spelling, 'value': usps}))
  from (
    select name as spelling, usps from read_csv(getvariable('reference') || '/states.csv', all_varchar = true, header = true)
    union
    select usps, usps from read_csv(getvariable('reference') || '/states.csv', all_varchar = true, header = true)
  )
);
