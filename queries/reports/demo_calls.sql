-- The last calls of each line, with the name of the other party.
select
    calls.called_local as called,
    lines.operator as line,
    calls.other_party,
    calls.other_number,
    calls.duration_s,
    calls.cost
from calls
left join household.lines on lines.line = calls.line
where calls.kind = 'call'
order by calls.called_at desc, calls.call_id
limit 12
