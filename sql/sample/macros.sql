-- Draws of the generator: the same for a row, a salt and a seed, whatever the order or the number of threads.
-- param: seed
-- param: year
create or replace macro draw(i, salt, n) as (hash(getvariable('seed'), i, salt) % n)::bigint;
create or replace macro chance(i, salt, percent) as draw(i, salt, 1000) < percent * 10;
-- One of the n items of a text 'a|b|c': twenty times as fast as taking it out of a list.
create or replace macro pick(i, salt, n, items) as split_part(items, '|', (1 + draw(i, salt, n))::int);

-- Sum of the digits of twice a digit, and the Luhn check digit of ten digits.
create or replace macro doubled(digit) as digit * 2 - case when digit > 4 then 9 else 0 end;
create or replace macro luhn(n) as (10 - (
  doubled(n % 10) + n // 10 % 10 + doubled(n // 100 % 10) + n // 1000 % 10 + doubled(n // 10000 % 10)
  + n // 100000 % 10 + doubled(n // 1000000 % 10) + n // 10000000 % 10 + doubled(n // 100000000 % 10)
  + n // 1000000000 % 10
) % 10) % 10;

-- DOR's serial of a parcel as in STATE_PAR_ID: C16-001-192-0124-2.
create or replace macro state_id(county, serial) as concat(
  'C', county, '-', lpad((serial // 10000000)::varchar, 3, '0'), '-', lpad((serial // 10000 % 1000)::varchar, 3, '0'),
  '-', lpad((serial % 10000)::varchar, 4, '0'), '-', luhn(serial)
);

-- A deed over several parcels: in every fortieth block of fifty the first three parcels are sold together.
create or replace macro sold_together(i) as i // 50 % 40 = 7 and i % 50 < 3;
-- What the k-th sale of a parcel hangs on: all parcels of one deed share it.
create or replace macro deed(i, k) as case when k = 1 and sold_together(i) then -1 - i // 50 else i * 2 + k end;
create or replace macro sale_count(i) as case when sold_together(i) then 1 when chance(i, 'sold', 9) then 1 + chance(i, 'twice', 30)::int else 0 end;
-- Months since January of the year before the roll: up to June of the roll year.
create or replace macro sale_month_no(deed) as draw(deed, 'month', 18);
create or replace macro sale_code(deed) as case
  when deed < 0 then '05'
  else pick(deed, 'code', 24, '11|11|11|11|11|11|11|11|11|11|01|01|01|01|01|01|01|01|01|37|30|02|12|18')
end;
create or replace macro sale_price(deed) as case
  when deed < 0 then 1000000 + 100 * draw(deed, 'price', 90000)
  when sale_code(deed) = '11' then case when chance(deed, 'free', 12) then 0 else 100 end
  else 60000 + 100 * draw(deed, 'price', 9000)
end;
create or replace macro sale_clerk(deed) as (118000000 + case when deed < 0 then 900000000 - deed else deed end)::varchar;

-- grain of `parcels`: one row per parcel: who it is. The ids are Broward's in style: section, township, range, and a
-- letter now and then, so that 4940252E0010 is among them.
create or replace macro parcel_name(i) as case
  when i % 997 = 500 then concat('494025', lpad((i // 997 % 90 + 10)::varchar, 2, '0'), chr((65 + i // 89730 % 26)::int), '0', lpad((i % 1000)::varchar, 3, '0'))
  else (470000000000 + i * 13)::varchar
end;
