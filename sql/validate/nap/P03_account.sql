-- rule: P03
-- severity: error
-- message: ACCT_ID is missing or longer than 20 characters
-- columns: acct_id
select * from nap
where acct_id is null or length(acct_id) > 20
