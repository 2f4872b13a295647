-- What was published, one row per publication; the newest one of a partition says what its table holds.
create table dor_internal.publications (
  id bigint generated always as identity primary key,
  table_name text not null,
  county_no smallint not null,
  year smallint not null,
  run text not null,
  source_sha256 text not null,
  -- Generated rows, which only the embedded Postgres ever holds.
  sample boolean not null default false,
  stage text,
  submission text,
  sql_version text not null,
  row_count bigint not null,
  checksum numeric not null,
  inserted bigint not null,
  updated bigint not null,
  deleted bigint not null,
  published_at timestamptz not null default clock_timestamp()
);
create index publications_partition on dor_internal.publications (table_name, county_no, year, id desc);
alter table dor_internal.publications enable row level security;

-- The counties: DOR's number (which is neither the alphabet's nor FIPS), and every spelling that is asked for.
-- spelled_by_app is how ConcordBroker's screens ask for a county: capitals without dots.
create table dor_counties (
  county_no smallint primary key,
  slug text not null unique,
  name text not null unique,
  fips text not null unique,
  spelled_by_app text not null unique
);
comment on table dor_counties is 'The 67 counties of Florida by the number that the Department of Revenue gives them.';
alter table dor_counties enable row level security;
insert into dor_counties (county_no, slug, name, fips, spelled_by_app) values
  (11, 'alachua', 'Alachua', '12001', 'ALACHUA'),
  (12, 'baker', 'Baker', '12003', 'BAKER'),
  (13, 'bay', 'Bay', '12005', 'BAY'),
  (14, 'bradford', 'Bradford', '12007', 'BRADFORD'),
  (15, 'brevard', 'Brevard', '12009', 'BREVARD'),
  (16, 'broward', 'Broward', '12011', 'BROWARD'),
  (17, 'calhoun', 'Calhoun', '12013', 'CALHOUN'),
  (18, 'charlotte', 'Charlotte', '12015', 'CHARLOTTE'),
  (19, 'citrus', 'Citrus', '12017', 'CITRUS'),
  (20, 'clay', 'Clay', '12019', 'CLAY'),
  (21, 'collier', 'Collier', '12021', 'COLLIER'),
  (22, 'columbia', 'Columbia', '12023', 'COLUMBIA'),
  (23, 'miami-dade', 'Miami-Dade', '12086', 'MIAMI-DADE'),
  (24, 'desoto', 'DeSoto', '12027', 'DESOTO'),
  (25, 'dixie', 'Dixie', '12029', 'DIXIE'),
  (26, 'duval', 'Duval', '12031', 'DUVAL'),
  (27, 'escambia', 'Escambia', '12033', 'ESCAMBIA'),
  (28, 'flagler', 'Flagler', '12035', 'FLAGLER'),
  (29, 'franklin', 'Franklin', '12037', 'FRANKLIN'),
  (30, 'gadsden', 'Gadsden', '12039', 'GADSDEN'),
  (31, 'gilchrist', 'Gilchrist', '12041', 'GILCHRIST'),
  (32, 'glades', 'Glades', '12043', 'GLADES'),
  (33, 'gulf', 'Gulf', '12045', 'GULF'),
  (34, 'hamilton', 'Hamilton', '12047', 'HAMILTON'),
  (35, 'hardee', 'Hardee', '12049', 'HARDEE'),
  (36, 'hendry', 'Hendry', '12051', 'HENDRY'),
  (37, 'hernando', 'Hernando', '12053', 'HERNANDO'),
  (38, 'highlands', 'Highlands', '12055', 'HIGHLANDS'),
  (39, 'hillsborough', 'Hillsborough', '12057', 'HILLSBOROUGH'),
  (40, 'holmes', 'Holmes', '12059', 'HOLMES'),
  (41, 'indian-river', 'Indian River', '12061', 'INDIAN RIVER'),
  (42, 'jackson', 'Jackson', '12063', 'JACKSON'),
  (43, 'jefferson', 'Jefferson', '12065', 'JEFFERSON'),
  (44, 'lafayette', 'Lafayette', '12067', 'LAFAYETTE'),
  (45, 'lake', 'Lake', '12069', 'LAKE'),
  (46, 'lee', 'Lee', '12071', 'LEE'),
  (47, 'leon', 'Leon', '12073', 'LEON'),
  (48, 'levy', 'Levy', '12075', 'LEVY'),
  (49, 'liberty', 'Liberty', '12077', 'LIBERTY'),
  (50, 'madison', 'Madison', '12079', 'MADISON'),
  (51, 'manatee', 'Manatee', '12081', 'MANATEE'),
  (52, 'marion', 'Marion', '12083', 'MARION'),
  (53, 'martin', 'Martin', '12085', 'MARTIN'),
  (54, 'monroe', 'Monroe', '12087', 'MONROE'),
  (55, 'nassau', 'Nassau', '12089', 'NASSAU'),
  (56, 'okaloosa', 'Okaloosa', '12091', 'OKALOOSA'),
  (57, 'okeechobee', 'Okeechobee', '12093', 'OKEECHOBEE'),
  (58, 'orange', 'Orange', '12095', 'ORANGE'),
  (59, 'osceola', 'Osceola', '12097', 'OSCEOLA'),
  (60, 'palm-beach', 'Palm Beach', '12099', 'PALM BEACH'),
  (61, 'pasco', 'Pasco', '12101', 'PASCO'),
  (62, 'pinellas', 'Pinellas', '12103', 'PINELLAS'),
  (63, 'polk', 'Polk', '12105', 'POLK'),
  (64, 'putnam', 'Putnam', '12107', 'PUTNAM'),
  (65, 'st-johns', 'St. Johns', '12109', 'ST JOHNS'),
  (66, 'st-lucie', 'St. Lucie', '12111', 'ST LUCIE'),
  (67, 'santa-rosa', 'Santa Rosa', '12113', 'SANTA ROSA'),
  (68, 'sarasota', 'Sarasota', '12115', 'SARASOTA'),
  (69, 'seminole', 'Seminole', '12117', 'SEMINOLE'),
  (70, 'sumter', 'Sumter', '12119', 'SUMTER'),
  (71, 'suwannee', 'Suwannee', '12121', 'SUWANNEE'),
  (72, 'taylor', 'Taylor', '12123', 'TAYLOR'),
  (73, 'union', 'Union', '12125', 'UNION'),
  (74, 'volusia', 'Volusia', '12127', 'VOLUSIA'),
  (75, 'wakulla', 'Wakulla', '12129', 'WAKULLA'),
  (76, 'walton', 'Walton', '12131', 'WALTON'),
  (77, 'washington', 'Washington', '12133', 'WASHINGTON');

-- grain: one row per partition that was ever published, as consumers may see it: what is there, how much, how fresh.
-- The county's spelling is here, too, so that a county is found by one join: with two, the planner guesses far too few rows.
-- At most 67 counties a table and year, so that no API's row limit cuts the answer short.
create table dor_partitions (
  table_name text not null,
  county_no smallint not null,
  year smallint not null,
  row_count bigint not null,
  stage text,
  submission text,
  published_at timestamptz not null,
  is_newest boolean not null default false,
  spelled_by_app text not null references dor_counties (spelled_by_app) on update cascade,
  primary key (table_name, county_no, year)
);
comment on table dor_partitions is 'One row per table, county and roll year: how many rows are published, of which file, since when.';
alter table dor_partitions enable row level security;

-- Kept by the ledger itself, in the same transaction as the rows, whatever publishes them. is_newest is kept and not
-- computed, so that the views join one flag instead of comparing years for every row. Two roll years of one county may
-- be published at once: the lock lets the second see what the first has committed.
create function dor_internal.note_partition() returns trigger
language plpgsql set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(format('dor partitions %s %s', new.table_name, new.county_no), 0));
  insert into dor_partitions
    (table_name, county_no, year, row_count, stage, submission, published_at, spelled_by_app)
  select new.table_name, new.county_no, new.year, new.row_count, new.stage, new.submission, new.published_at,
    c.spelled_by_app
  from dor_counties c
  where c.county_no = new.county_no
  on conflict (table_name, county_no, year) do update set
    row_count = excluded.row_count,
    stage = excluded.stage,
    submission = excluded.submission,
    published_at = excluded.published_at;
  update dor_partitions p
  set is_newest = not p.is_newest
  from (
    select year, row_count > 0 and year = max(year) filter (where row_count > 0) over () as is_newest
    from dor_partitions
    where table_name = new.table_name and county_no = new.county_no
  ) should
  where p.table_name = new.table_name and p.county_no = new.county_no and p.year = should.year
    and p.is_newest <> coalesce(should.is_newest, false);
  return new;
end
$$;
create trigger note_partition after insert on dor_internal.publications
for each row execute function dor_internal.note_partition();
