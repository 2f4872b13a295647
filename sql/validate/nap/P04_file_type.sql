-- rule: P04
-- severity: error
-- message: FILE_T is not P
-- columns: file_t
select * from nap
where file_t is distinct from 'P'
