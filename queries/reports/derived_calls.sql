-- One row per call of the household's lines, with the name of the other party.
select
    calls.call_id,
    calls.owner,
    calls.direction,
    calls.other_party,
    calls.match_state,
    calls.called_at,
    calls.local_day,
    calls.duration_s
from calls
where calls.kind = 'call' and calls.other_party is not null
order by calls.called_at, calls.call_id
