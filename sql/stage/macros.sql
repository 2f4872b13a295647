-- The row hash: the first 8 bytes of an MD5 over the text of all published columns, each ended by a unit separator
-- and NULL written as nothing ('' cannot occur), as a signed 64-bit number. A published definition and not DuckDB's
-- own hash(), because the hashes live in the target for years and must survive an engine's upgrade.
create or replace macro row_hash(t) as (md5_number_lower(t)::hugeint - 9223372036854775808)::bigint;
