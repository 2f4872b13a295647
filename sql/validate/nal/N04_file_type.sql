-- rule: N04
-- severity: error
-- message: FILE_T is not R
-- columns: file_t
select * from nal
where file_t is distinct from 'R'
