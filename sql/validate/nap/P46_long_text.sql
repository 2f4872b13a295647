-- rule: P46
-- severity: error
-- message: a text has more than 600 characters
-- columns: own_nam, own_addr, phy_addr, exmpt
-- why: no column of the guide is a tenth as wide. No index of the target takes a text of 2,700 bytes, and 600 characters
-- are at most 2,400; P45 counts what is only wider than its column.
select * from nap
where greatest(unpack(too_wide(columns(lambda name: is_text('nap', name) and name <> 'acct_id'), 600)))
