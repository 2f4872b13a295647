-- rule: N34
-- severity: warning
-- message: BAS_STRT does not fit the use code
-- columns: bas_strt, dor_uc
select * from nal
where case bas_strt
    when '01' then dor_uc not in ('001', '002', '004', '005')
    when '02' then dor_uc not in ('006', '008')
    when '03' then not (dor_uc between '050' and '069' or dor_uc = '097')
    when '04' then dor_uc not in ('000', '007')
    when '05' then dor_uc not in ('010', '040', '099')
    when '06' then not (dor_uc = '003' or dor_uc between '011' and '039' or dor_uc between '041' and '049')
    when '07' then not (dor_uc between '070' and '096' or dor_uc = '098')
    when '09' then not (dor_uc between '050' and '069' or dor_uc = '097')
    when '10' then not (dor_uc between '070' and '096' or dor_uc = '098')
    when '12' then not (dor_uc between '051' and '069' or dor_uc = '097')
    when '13' then dor_uc <> '009'
  end
