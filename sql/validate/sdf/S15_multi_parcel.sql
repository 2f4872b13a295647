-- rule: S15
-- severity: warning
-- message: MULTI_PAR_SAL is neither C nor D
-- columns: multi_par_sal
select * from sdf
where multi_par_sal not in ('C', 'D')
