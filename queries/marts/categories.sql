-- One row per category that movements are sorted into: the divisions of COICOP 2018 and some of its groups for spending, and what is no consumption beside them.
with categories as (
    from staging.categories
)

select
    category, -- Code: what stands before its point is the parent.
    parent, -- Category that it is part of; null for the first level.
    name, -- Name in the household's language.
    name_en, -- Name in English.
    name_fr, -- Name in French.
    coicop -- Division or group of COICOP 2018; null for income, transfers, savings, taxes, loans, cash and donations.
from categories
