-- rule: S19
-- severity: warning
-- message: there is neither CLERK_NO nor OR_BOOK and OR_PAGE
-- columns: clerk_no, or_book, or_page
select * from sdf
where clerk_no is null and (or_book is null or or_page is null)
