-- One row per telephone line that has communications and that the settings do not name.
-- fr: chaque ligne téléphonique est déclarée dans moisson.toml
with communications as (
    from staging.communications where owner_id is null
)

select
    line as subject,
    count(*) || ' communications' as detail,
    min(local_day) as since,
    min(document) as document
from communications
group by line
