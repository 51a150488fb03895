-- One row per coloured day of a tariff calendar.
with tariff_days as (
    from landing.tariff_days
)

select
    calendar,
    day,
    colour
from tariff_days
