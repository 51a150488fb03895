-- One row per source whose service lets us in until a day that is known, UTC.
select
    status.source,
    status.consent_until
from status
where status.consent_until is not null
order by status.consent_until, status.source
