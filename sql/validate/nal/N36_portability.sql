-- rule: N36
-- severity: warning
-- message: the portability block is filled without ASS_TRNSFR_FG 1, or its county is none
-- columns: ass_trnsfr_fg, ass_dif_trns, cono_prv_hm, parcel_id_prv_hmstd, yr_val_trnsf
select * from nal
where (
    ass_trnsfr_fg is distinct from '1'
    and coalesce(prev_hmstd_own, ass_dif_trns, cono_prv_hm, yr_val_trnsf) is not null
  )
  or (ass_trnsfr_fg is distinct from '1' and parcel_id_prv_hmstd is not null)
  or cono_prv_hm not between 11 and 77
