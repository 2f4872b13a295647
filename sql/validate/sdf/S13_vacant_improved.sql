-- rule: S13
-- severity: warning
-- message: VI_CD is neither V nor I
-- columns: vi_cd
select * from sdf
where vi_cd is null or vi_cd not in ('V', 'I')
