-- rule: N45
-- severity: warning
-- message: STATE_PAR_ID, MP_ID or SEQ_NO is there twice
-- columns: state_par_id, mp_id, seq_no
select * from nal
where state_par_id in (select state_par_id from nal group by state_par_id having count(*) > 1)
  or mp_id in (select mp_id from nal group by mp_id having count(*) > 1)
  or seq_no in (select seq_no from nal group by seq_no having count(*) > 1)
