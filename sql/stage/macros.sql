-- The row hash: the last 8 bytes of an MD5 over the text of all published columns, each ended by a unit separator and
-- NULL written as nothing ('' cannot occur), read as an unsigned little-endian number, less 2^63. A published definition
-- and not DuckDB's own hash(), because the hashes live in the target for years and must survive an engine's upgrade.
create or replace macro row_hash(t) as (md5_number_lower(t)::hugeint - 9223372036854775808)::bigint;
