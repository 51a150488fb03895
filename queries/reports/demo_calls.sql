-- One row per call, the last ones, with the name of the other party.
-- fr: appel | ligne | sens | correspondant | numéro | durée | coût
select
    strftime(calls.called_local, '%Y-%m-%d %H:%M') as called,
    coalesce(calls.owner, calls.line) as line,
    calls.direction as way,
    calls.other_party,
    calls.other_number,
    printf('%3d:%02d', calls.duration_s // 60, calls.duration_s % 60) as length,
    calls.cost
from calls
where calls.kind = 'call'
order by calls.called_at desc, calls.call_id
limit 12
