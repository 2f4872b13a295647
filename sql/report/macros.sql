-- grain: none. A share as people read it: little is not nothing, and nearly all is not all. As src/report/words.ts has it.
create or replace macro percent_text(share, digits) as
  case
    when share > 0 and round(100 * share, digits) = 0
      then '<' || format('{:.' || digits || 'f} %', power(0.1, digits))
    when share < 1 and round(100 * share, digits) = 100
      then '>' || format('{:.' || digits || 'f} %', 100 - power(0.1, digits))
    else format('{:.' || digits || 'f} %', 100 * share)
  end;
