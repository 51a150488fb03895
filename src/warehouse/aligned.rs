//! The movements of a document beside those that the warehouse has: `identity::align` decides,
//! this file asks it and does what it says.
//!
//! Rows that stand on both sides meet by key and rank, inside the database, a million at a time.
//! Only what is left on both sides is looked at one by one. A row keeps its id whatever becomes
//! of it; each change of it goes to `landing.history` first.

use std::collections::BTreeMap;

use duckdb::{Connection, Row, params};
use jiff::civil::Date;

use super::changes::{self, Change};
use super::document::{Coverage, DocumentInfo, Quarantine, TableCounts};
use super::merge::count;
use super::pile::Pile;
use super::snapshots::{self, Verdict, Window};
use super::{WarehouseError, collisions};
use crate::identity::{Alignment, Movement, SETTLING_DAYS, Scope, Standing, Words, align, shift_of};

/// What a load knows of its document beside the rows.
pub(super) struct Shown<'a> {
    pub(super) document: &'a DocumentInfo,
    pub(super) coverage: &'a [Coverage],
    pub(super) rows_rejected: u64,
    pub(super) ids_are_stable: bool,
    /// The document tells changes only.
    pub(super) is_partial: bool,
    /// Documents are taken in the order of time: nobody is to wait.
    pub(super) is_in_order: bool,
}

/// What became of the movements of a document.
#[derive(Debug, Default)]
pub(super) struct Aligned {
    pub(super) counts: TableCounts,
    pub(super) rows_cancelled: u64,
    pub(super) rows_vanished: u64,
    pub(super) quarantined: Vec<Quarantine>,
    pub(super) waiting: Vec<String>,
    /// Whether any stored row says something else now.
    pub(super) has_changed: bool,
}

/// Merges the movements of a document.
pub(super) fn merge(connection: &Connection, pile: &Pile, shown: &Shown<'_>) -> Result<Aligned, WarehouseError> {
    let mut aligned = Aligned::default();
    let windows = snapshots::windows(connection, pile.place(), shown.document, shown.coverage)?;
    if !pile.is_staged {
        for window in &windows {
            snapshots::record(connection, shown.document, window, Verdict::Applied)?;
        }
        let rows_new = count(connection, &format!("from {}", pile.place()))?;
        aligned.counts = TableCounts { rows_new, rows_known: pile.rows - rows_new, rows_amended: 0 };
        aligned.has_changed = rows_new > 0;
        return Ok(aligned);
    }
    let windows = let_wait(connection, windows, shown, &mut aligned)?;
    meet(connection, pile)?;
    if shown.is_partial {
        part_by_id(connection)?;
    }
    for window in &windows {
        settle(connection, window, shown, &mut aligned)?;
    }
    finish(connection, &mut aligned, shown)?;
    Ok(aligned)
}

const STAGE: &str = "from temp.main.stage_transactions";

/// Takes the accounts out that a later document shows already.
fn let_wait(
    connection: &Connection,
    windows: Vec<Window>,
    shown: &Shown<'_>,
    aligned: &mut Aligned,
) -> Result<Vec<Window>, WarehouseError> {
    if shown.is_in_order {
        return Ok(windows);
    }
    let mut ready = Vec::new();
    for window in windows {
        if snapshots::has_later(connection, shown.document, &window)? {
            snapshots::record(connection, shown.document, &window, Verdict::Waiting)?;
            connection.execute("delete from temp.main.stage_transactions where account = ?", [&window.account])?;
            aligned.waiting.push(window.account);
        } else {
            ready.push(window);
        }
    }
    Ok(ready)
}

/// Finds the rows that stand on both sides, and prepares the list of what changes.
fn meet(connection: &Connection, pile: &Pile) -> Result<(), WarehouseError> {
    let meetings = "create or replace temp table met as
         select incoming.rowid as incoming, stored.rowid as stored, stored.content = incoming.content as is_same
         from temp.main.stage_transactions as incoming
         join landing.transactions as stored on stored.key = incoming.key and stored.rank = incoming.rank";
    connection.execute_batch(meetings)?;
    while collisions::part_from_stored(connection, pile.table)? {
        connection.execute_batch(meetings)?;
    }
    changes::prepare(connection)
}

/// Aligns one account, currency by currency; believes all of it or nothing.
fn settle(
    connection: &Connection,
    window: &Window,
    shown: &Shown<'_>,
    aligned: &mut Aligned,
) -> Result<(), WarehouseError> {
    let mut sides = Sides::of(connection, window, shown)?;
    let shift = if shown.is_partial { None } else { sides.shift() };
    if let Some(days) = shift {
        part(connection, &window.account)?;
        sides = Sides::of(connection, &snapshots::shifted(window, days), shown)?;
    }
    let is_vouched = !sides.gone.is_empty() && snapshots::is_vouched(connection, &shown.document.document)?;
    let mut decided = Vec::new();
    for (currency, mut gone) in sides.gone {
        // A statement of one currency says nothing of the other ones.
        if !shows(connection, window, &currency, shown)? {
            continue;
        }
        let mut new = sides.new.remove(&currency).unwrap_or_default();
        if !shown.ids_are_stable {
            gone.forget_ids();
            new.forget_ids();
        }
        let window = shift.map_or_else(|| window.clone(), |days| snapshots::shifted(window, days));
        let scope = scope(connection, &window, &currency, shown)?;
        let scope = Scope { is_vouched, has_shifted: shift.is_some(), ..scope };
        match align(&gone.movements, &new.movements, &scope) {
            Ok(alignment) => decided.push((gone.rowids, new.rowids, alignment)),
            Err(suspicion) => {
                snapshots::record(connection, shown.document, &window, Verdict::Quarantined(suspicion))?;
                set_aside(connection, &window.account)?;
                aligned.quarantined.push(Quarantine { account: window.account.clone(), suspicion });
                return Ok(());
            }
        }
    }
    for (gone, new, alignment) in decided {
        note(connection, &gone, &new, &alignment, aligned)?;
    }
    if shift.is_some() {
        changes::keep_what_stayed(connection)?;
    }
    snapshots::record(connection, shown.document, window, Verdict::Applied)
}

/// What is left of an account on both sides, by currency.
struct Sides {
    gone: BTreeMap<String, Side>,
    new: BTreeMap<String, Side>,
}

impl Sides {
    fn of(connection: &Connection, window: &Window, shown: &Shown<'_>) -> Result<Self, WarehouseError> {
        let gone = if shown.is_partial { named(connection, window)? } else { absent(connection, window)? };
        let new = if gone.is_empty() { BTreeMap::new() } else { unmet(connection, window)? };
        Ok(Self { gone, new })
    }

    /// By how many days the bank moved all rows.
    fn shift(&self) -> Option<i32> {
        self.gone.iter().find_map(|(currency, gone)| shift_of(&gone.movements, &self.new.get(currency)?.movements))
    }
}

/// Whether the document shows a currency of the account at all.
fn shows(connection: &Connection, window: &Window, currency: &str, shown: &Shown<'_>) -> Result<bool, WarehouseError> {
    let question = format!("select exists ({STAGE} where account = ? and currency = ?)");
    let is_shown = connection.query_row(&question, [&window.account, currency], |row| row.get::<_, bool>(0))?;
    let mut said = shown.coverage.iter().filter(|one| one.account == window.account && one.currency == currency);
    Ok(is_shown || said.any(|one| one.balances_agree.is_some()))
}

/// In a list of changes a row that equals a stored one and has another identifier is one more.
fn part_by_id(connection: &Connection) -> Result<(), WarehouseError> {
    Ok(connection.execute_batch(
        "delete from temp.main.met as met using temp.main.stage_transactions as incoming, landing.transactions as stored
         where incoming.rowid = met.incoming and stored.rowid = met.stored and incoming.bank_id <> stored.bank_id;
         update temp.main.stage_transactions as incoming
         set rank = incoming.rank + stored.n_rows
         from (select key, count(*) as n_rows from landing.transactions group by key) as stored
         where stored.key = incoming.key and incoming.rowid not in (select incoming from temp.main.met)",
    )?)
}

/// Takes rows of an account that met apart: equal days need not be the same ones.
fn part(connection: &Connection, account: &str) -> Result<(), WarehouseError> {
    connection.execute(
        "delete from temp.main.met where stored in (select rowid from landing.transactions where account = ?)",
        [account],
    )?;
    Ok(())
}

/// Rows of one currency, with where each stands in its table.
#[derive(Default)]
struct Side {
    rowids: Vec<i64>,
    movements: Vec<Movement>,
}

impl Side {
    fn forget_ids(&mut self) {
        for movement in &mut self.movements {
            movement.stable_id = None;
            movement.pending_id = None;
        }
    }
}

/// Stored rows of the account that the document should show, or may show otherwise, and does not.
fn absent(connection: &Connection, window: &Window) -> Result<BTreeMap<String, Side>, WarehouseError> {
    let question = format!(
        "select {COLUMNS} from landing.transactions as one
         where account = ?1 and booked_on between ?2::date - {SETTLING_DAYS} and ?3::date + {SETTLING_DAYS}
             and (booked_on between ?2::date and ?3::date or status in ('pending', 'cancelled'))
             and rowid not in (select stored from temp.main.met)
         order by booked_on, id"
    );
    sides(connection, &question, window)
}

/// Stored rows of the account that a list of changes names by their identifiers.
fn named(connection: &Connection, window: &Window) -> Result<BTreeMap<String, Side>, WarehouseError> {
    let question = format!(
        "select {COLUMNS} from landing.transactions as one
         where account = ?1 and ?2::date <= ?3::date and rowid not in (select stored from temp.main.met)
             and bank_id in (select unnest([bank_id, pending_id]) {STAGE} where account = ?1)
         order by booked_on, id"
    );
    sides(connection, &question, window)
}

/// Rows of the document that stand nowhere yet.
fn unmet(connection: &Connection, window: &Window) -> Result<BTreeMap<String, Side>, WarehouseError> {
    let question = format!(
        "select {COLUMNS} from temp.main.stage_transactions as one
         where account = ?1 and booked_on between ?2::date and ?3::date
             and rowid not in (select incoming from temp.main.met)
         order by booked_on, id"
    );
    sides(connection, &question, window)
}

const COLUMNS: &str =
    "rowid, currency, key, booked_on::varchar, (amount * 100000)::bigint, raw_label, status, bank_id, pending_id";

fn sides(connection: &Connection, question: &str, window: &Window) -> Result<BTreeMap<String, Side>, WarehouseError> {
    let mut question = connection.prepare(question)?;
    let mut rows = question.query(params![window.account, window.from.to_string(), window.to.to_string()])?;
    let mut sides: BTreeMap<String, Side> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (currency, movement) = (row.get(1)?, movement(row)?);
        let side = sides.entry(currency).or_default();
        side.rowids.push(row.get(0)?);
        side.movements.push(movement);
    }
    Ok(sides)
}

fn movement(row: &Row<'_>) -> Result<Movement, WarehouseError> {
    let label: String = row.get(5)?;
    let standing = match row.get::<_, String>(6)?.as_str() {
        "pending" => Standing::Pending,
        "cancelled" => Standing::Cancelled,
        "vanished" => Standing::Vanished,
        _ => Standing::Booked,
    };
    Ok(Movement {
        key: row.get(2)?,
        // The database writes dates that read back.
        booked_on: row.get::<_, String>(3)?.parse().unwrap_or(Date::ZERO),
        amount: row.get(4)?,
        words: Words::of(&label),
        standing,
        stable_id: row.get(7)?,
        pending_id: row.get(8)?,
    })
}

fn scope(connection: &Connection, window: &Window, currency: &str, shown: &Shown<'_>) -> Result<Scope, WarehouseError> {
    let values = params![window.account, window.from.to_string(), window.to.to_string(), currency];
    let question = "select count(*), count(*) filter (where rowid in (select stored from temp.main.met))
         from landing.transactions
         where account = ? and booked_on between ?::date and ?::date and currency = ? and status = 'booked'";
    let (n_known, n_matched) =
        connection.query_row(question, values, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let said = shown.coverage.iter().find(|one| one.account == window.account && one.currency == currency);
    Ok(Scope {
        from: window.from,
        to: window.to,
        is_stated: window.is_stated,
        balances_agree: said.and_then(|one| one.balances_agree),
        n_rejected: usize::try_from(shown.rows_rejected).unwrap_or(usize::MAX),
        n_known: usize::try_from(n_known).unwrap_or_default(),
        n_matched: usize::try_from(n_matched).unwrap_or_default(),
        is_vouched: false,
        has_shifted: false,
        is_partial: shown.is_partial,
    })
}

/// Leaves the movements of an account out.
fn set_aside(connection: &Connection, account: &str) -> Result<(), WarehouseError> {
    connection.execute(
        "delete from temp.main.met where incoming in
             (select rowid from temp.main.stage_transactions where account = ?)",
        [account],
    )?;
    connection.execute("delete from temp.main.stage_transactions where account = ?", [account])?;
    Ok(())
}

fn note(
    connection: &Connection,
    gone: &[i64],
    new: &[i64],
    alignment: &Alignment,
    aligned: &mut Aligned,
) -> Result<(), WarehouseError> {
    let mut list = Vec::new();
    for (was, is, ground) in &alignment.amended {
        list.push(Change { stored: gone[*was], incoming: Some(new[*is]), reason: ground.code() });
    }
    list.extend(alignment.cancelled.iter().map(|was| Change::to_nothing(gone[*was], "cancelled")));
    list.extend(alignment.vanished.iter().map(|was| Change::to_nothing(gone[*was], "vanished")));
    aligned.rows_cancelled += alignment.cancelled.len() as u64;
    aligned.rows_vanished += alignment.vanished.len() as u64;
    changes::note(connection, &list)
}

/// Does everything that was noted, and inserts what is new.
fn finish(connection: &Connection, aligned: &mut Aligned, shown: &Shown<'_>) -> Result<(), WarehouseError> {
    // What was set aside is gone from the stage by now: it is neither new nor known.
    let rows = count(connection, STAGE)?;
    let followed = changes::note_differing(connection)?;
    let rows_amended = changes::apply(connection, shown.document)?;
    let rows_new = changes::insert_new(connection)?;
    aligned.counts = TableCounts { rows_new, rows_known: rows - rows_new - rows_amended, rows_amended };
    aligned.has_changed = followed > 0 || rows_new + rows_amended + aligned.rows_cancelled + aligned.rows_vanished > 0;
    Ok(())
}
