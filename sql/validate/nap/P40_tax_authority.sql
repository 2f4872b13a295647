-- rule: P40
-- severity: warning
-- message: TAX_AUTH_CD is missing or longer than 5 characters
-- columns: tax_auth_cd
select * from nap
where tax_auth_cd is null or length(tax_auth_cd) > 5
