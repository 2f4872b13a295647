-- Where the rules put the rows that they reject. `rejects`: one row per record and broken rule of severity error.
-- `duplicate_groups`: one row per record whose key another record has, too; which of them stays is decided by line, later.
-- leaves: rejects, duplicate_groups
create or replace temp table rejects (record bigint, rule varchar, message varchar, detail varchar);
create or replace temp table duplicate_groups (record bigint, key varchar[]);
