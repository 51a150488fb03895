//! What can be asked about each mart: how its rows are named, where they come from, what they are
//! made of. A mart that is not listed is known by its first column, and has its reasons.

use crate::model::said::Subject;

/// A mart whose rows can be explained. All SQL here is about `this`, the row that is asked about.
pub struct Mart {
    pub name: &'static str,
    /// The id as people type it.
    pub id: &'static str,
    /// The row in words, separated by commas.
    pub words: &'static str,
    /// The landing table that it comes from one to one, and the column that has its id there.
    pub landing: Option<(&'static str, &'static str)>,
    /// Ids under which links name the row.
    pub linked: &'static [&'static str],
    /// What people may have said something of: the subject, and its id.
    pub said: &'static [(Subject, &'static str)],
    pub parts: &'static [Part],
}

/// Rows of another kind that a row is made of, or that stand beside it.
pub struct Part {
    pub en: &'static str,
    pub fr: &'static str,
    /// The view or table that they stand in, `schema.name`; without it there are none.
    pub relation: &'static str,
    /// Their `day` and `document`: a select from `this` and the relation.
    pub rows: &'static str,
}

const PAYEE: &str = "(select payee_key from staging.transactions as own where own.id = this.transaction_id)";

pub const MARTS: &[Mart] = &[
    Mart {
        name: "transactions",
        id: "transaction_id",
        words: "account_name, booked_on, amount::decimal(18, 2) || ' ' || currency, clean_label",
        landing: Some(("transactions", "transaction_id")),
        linked: &["transaction_id"],
        said: &[(Subject::Transaction, "transaction_id"), (Subject::Payee, PAYEE), (Subject::Person, "person_id")],
        parts: &[Part {
            en: "movements of the same payee",
            fr: "mouvements du même tiers",
            relation: "staging.transactions",
            rows: "select other.booked_on as day, other.document
                from this
                inner join staging.transactions as own on own.id = this.transaction_id
                inner join staging.transactions as other on other.payee_key = own.payee_key and other.id <> own.id",
        }],
    },
    Mart {
        name: "hidden",
        id: "transaction_id",
        words: "account, booked_on, amount::decimal(18, 2) || ' ' || currency, raw_label",
        landing: Some(("transactions", "transaction_id")),
        linked: &[],
        said: &[(Subject::Transaction, "transaction_id")],
        parts: &[],
    },
    Mart {
        name: "bills",
        id: "bill_id",
        words: "issuer, number, issued_on, total::decimal(18, 2) || ' ' || currency",
        landing: Some(("bills", "bill_id")),
        linked: &["bill_id"],
        said: &[(Subject::Bill, "bill_id"), (Subject::Person, "issuer_id")],
        parts: &[
            Part {
                en: "lines of the bill",
                fr: "lignes de la facture",
                relation: "staging.bill_lines",
                rows: "select parts.period_from as day, parts.document
                    from this inner join landing.bill_lines as parts
                        on parts.issuer = this.issuer and parts.bill_number = this.number",
            },
            Part {
                en: "communications that name this bill",
                fr: "communications qui citent cette facture",
                relation: "main.calls",
                rows: "select parts.local_day as day, parts.document
                    from this inner join calls as parts on parts.bill_number = this.number",
            },
        ],
    },
    Mart {
        name: "calls",
        id: "call_id",
        words: "called_local, line, direction, kind, other_party",
        landing: Some(("communications", "call_id")),
        linked: &[],
        said: &[(Subject::Number, "other_e164"), (Subject::Person, "person_id")],
        parts: &[
            Part {
                en: "cards that hold this number",
                fr: "fiches qui portent ce numéro",
                relation: "main.people",
                rows: "select null::date as day, parts.document
                    from this inner join landing.identifiers as parts
                        on parts.kind = 'phone' and parts.value = this.other_e164",
            },
            Part {
                en: "communications with this number",
                fr: "communications avec ce numéro",
                relation: "main.calls",
                rows: "select parts.local_day as day, parts.document
                    from this inner join calls as parts
                        on parts.other_number = this.other_number and parts.call_id <> this.call_id",
            },
        ],
    },
    Mart {
        name: "people",
        id: "person_id",
        words: "name, kind",
        landing: None,
        linked: &[],
        said: &[(Subject::Person, "person_id")],
        parts: &[
            Part {
                en: "cards of address books",
                fr: "fiches de carnets d'adresses",
                relation: "intermediate.identities",
                rows: "select contacts.revised_at::date as day, contacts.document
                    from this
                    inner join intermediate.identities as parts
                        on parts.person_id = this.person_id and parts.origin = 'card'
                    inner join staging.contacts as cards on cards.card = parts.identity
                    inner join landing.contacts as contacts
                        on contacts.book = cards.book and contacts.uid = cards.uid",
            },
            Part {
                en: "bills",
                fr: "factures",
                relation: "main.bills",
                rows: "select parts.issued_on as day, parts.document
                    from this inner join bills as parts on parts.issuer_id = this.person_id",
            },
            Part {
                en: "bank movements",
                fr: "mouvements bancaires",
                relation: "main.transactions",
                rows: "select parts.booked_on as day, parts.document
                    from this inner join transactions as parts on parts.person_id = this.person_id",
            },
            Part {
                en: "calls and messages",
                fr: "appels et messages",
                relation: "main.calls",
                rows: "select parts.local_day as day, parts.document
                    from this inner join calls as parts on list_contains(parts.person_ids, this.person_id)",
            },
            Part {
                en: "events",
                fr: "événements",
                relation: "main.agenda",
                rows: "select parts.local_day as day, parts.document
                    from this inner join agenda as parts on list_contains(parts.person_ids, this.person_id)",
            },
        ],
    },
    Mart {
        name: "agenda",
        id: "occurrence_id",
        words: "summary, starts_local, calendar_name",
        landing: Some(("occurrences", "occurrence_id")),
        linked: &[],
        said: &[],
        parts: &[Part {
            en: "bank movements of that day",
            fr: "mouvements bancaires de ce jour",
            relation: "main.transactions",
            rows: "select parts.booked_on as day, parts.document
                from this inner join transactions as parts on parts.booked_on = this.local_day",
        }],
    },
    Mart {
        name: "energy_intervals",
        id: "interval_id",
        words: "meter_name, series, started_local, kwh::decimal(18, 3) || ' kWh', quality",
        landing: Some(("readings", "interval_id")),
        linked: &[],
        said: &[],
        parts: &[],
    },
    Mart {
        name: "energy_days",
        id: "meter || '/' || series || '/' || day",
        words: "meter_name, series, day, kwh::decimal(18, 2) || ' kWh', cost_eur::decimal(18, 2) || ' EUR', tariff_name",
        landing: None,
        linked: &[],
        said: &[],
        parts: &[Part {
            en: "intervals of the meter",
            fr: "intervalles du compteur",
            relation: "main.energy_intervals",
            rows: "select parts.local_day as day, parts.document
                from this inner join energy_intervals as parts
                    on parts.meter = this.meter and parts.series = this.series and parts.local_day = this.day",
        }],
    },
    Mart {
        name: "months",
        id: "strftime(month, '%Y-%m')",
        words: "strftime(month, '%Y-%m'), income::decimal(18, 2), spending::decimal(18, 2)",
        landing: None,
        linked: &[],
        said: &[],
        parts: &[
            Part {
                en: "bank movements",
                fr: "mouvements bancaires",
                relation: "main.transactions",
                rows: "select parts.booked_on as day, parts.document
                    from this inner join transactions as parts on date_trunc('month', parts.booked_on) = this.month",
            },
            Part {
                en: "calls, messages and data",
                fr: "appels, messages et données",
                relation: "main.calls",
                rows: "select parts.local_day as day, parts.document
                    from this inner join calls as parts on date_trunc('month', parts.local_day) = this.month",
            },
            Part {
                en: "intervals of meters",
                fr: "intervalles de compteurs",
                relation: "main.energy_intervals",
                rows:
                    "select parts.local_day as day, parts.document
                    from this inner join energy_intervals as parts on date_trunc('month', parts.local_day) = this.month",
            },
            Part {
                en: "events",
                fr: "événements",
                relation: "main.agenda",
                rows: "select parts.local_day as day, parts.document
                    from this inner join agenda as parts on date_trunc('month', parts.local_day) = this.month",
            },
            Part {
                en: "bills",
                fr: "factures",
                relation: "main.bills",
                rows: "select parts.issued_on as day, parts.document
                    from this inner join bills as parts on date_trunc('month', parts.issued_on) = this.month",
            },
        ],
    },
    Mart {
        name: "categories",
        id: "category",
        words: "category, name, coicop",
        landing: None,
        linked: &[],
        said: &[],
        parts: &[Part {
            en: "bank movements",
            fr: "mouvements bancaires",
            relation: "main.transactions",
            rows: "select parts.booked_on as day, parts.document
                from this inner join transactions as parts on parts.category = this.category",
        }],
    },
    Mart {
        name: "spending",
        id: "concat_ws('/', strftime(month, '%Y-%m'), currency, category)",
        words: "strftime(month, '%Y-%m'), category_name, went_out::decimal(18, 2) || ' ' || currency",
        landing: None,
        linked: &[],
        said: &[],
        parts: &[Part {
            en: "bank movements",
            fr: "mouvements bancaires",
            relation: "main.transactions",
            rows: "select parts.booked_on as day, parts.document
                from this
                inner join transactions as parts
                    on date_trunc('month', coalesce(parts.purchased_on, parts.booked_on)) = this.month
                    and parts.category is not distinct from this.category
                    and parts.currency = this.currency
                    and parts.status = 'booked'",
        }],
    },
    Mart {
        name: "recurring",
        id: "recurring_id",
        words: "payee, period, usual_amount::decimal(18, 2) || ' ' || currency",
        landing: None,
        linked: &[],
        said: &[(Subject::Person, "person_id")],
        parts: &[Part {
            en: "bank movements",
            fr: "mouvements bancaires",
            relation: "intermediate.recurring_payments",
            rows: "select parts.booked_on as day, parts.document
                from this
                inner join intermediate.recurring_payments as payments on payments.recurring_id = this.recurring_id
                inner join staging.transactions as parts on parts.id = payments.transaction_id",
        }],
    },
    Mart {
        name: "reconciliations",
        id: "link_id",
        words: "kind, state",
        landing: None,
        linked: &["left_id", "right_id"],
        said: &[],
        parts: &[
            Part {
                en: "bills",
                fr: "factures",
                relation: "main.bills",
                rows: "select parts.issued_on as day, parts.document
                    from this inner join bills as parts on parts.bill_id in (this.left_id, this.right_id)",
            },
            Part {
                en: "bank movements",
                fr: "mouvements bancaires",
                relation: "main.transactions",
                rows:
                    "select parts.booked_on as day, parts.document
                    from this inner join transactions as parts on parts.transaction_id in (this.left_id, this.right_id)",
            },
        ],
    },
    Mart {
        name: "posts",
        id: "post_id",
        words: "author, local_day, kind, text",
        landing: Some(("posts", "post_id")),
        linked: &[],
        said: &[],
        parts: &[],
    },
    Mart {
        name: "timeline",
        id: "id",
        words: "day, kind, who, what",
        landing: None,
        linked: &["id"],
        said: &[],
        parts: &[],
    },
    Mart {
        name: "status",
        id: "source",
        words: "source, connectors, last_document",
        landing: None,
        linked: &[],
        said: &[],
        parts: &[Part {
            en: "documents",
            fr: "documents",
            relation: "staging.documents",
            rows: "select parts.learned_at::date as day, parts.document
                from this inner join staging.documents as parts on parts.source = this.source",
        }],
    },
];

/// What is known of a mart; of another view, that its first column names its rows.
pub fn find(name: &str) -> Option<&'static Mart> {
    MARTS.iter().find(|mart| mart.name == name)
}
