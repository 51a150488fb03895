-- One row per category that movements are sorted into, with its name in the household's language.
with categories as (
    from rules.categories
),

settings as (
    from staging.settings
)

select
    categories.category,
    categories.parent,
    case when settings.language = 'fr' then categories.name_fr else categories.name_en end as name,
    categories.name_en,
    categories.name_fr,
    categories.coicop
from categories
cross join settings
