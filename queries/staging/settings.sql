-- One row per household: what it said about itself, and the day of the refresh.
with settings as (
    from household.settings
)
select
    coalesce(max(value) filter (where key = 'name'), '') as household_name,
    coalesce(max(value) filter (where key = 'region'), 'FR') as region,
    coalesce(max(value) filter (where key = 'currency'), 'EUR') as currency,
    left(coalesce(
        max(value) filter (where key = 'language'),
        max(value) filter (where key = 'locale'),
        'en'
    ), 2) as language,
    coalesce(max(value) filter (where key = 'time_zone'), 'UTC') as time_zone,
    max(value) filter (where key = 'today')::date as today
from settings
