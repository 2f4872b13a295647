-- rule: N43
-- severity: warning
-- message: a FIDU_ column is filled, and DOR has blanked them since 2012
-- columns: fidu_name, fidu_addr1, fidu_addr2, fidu_city, fidu_state, fidu_zipcd, fidu_cd
select * from nal
where coalesce(fidu_name, fidu_addr1, fidu_addr2, fidu_city, fidu_state, fidu_zipcd, fidu_cd) is not null
