//! Aligning one account anew, from the first document that shows it to the last.
//!
//! A snapshot means what it means in the order of time. When a document comes that is older than
//! one which is in, its account is forgotten and told again in order, in one transaction: either
//! all of it is seen, or nothing.

use duckdb::params;

use super::document::{Counts, DocumentInfo};
use super::facts::ACCEPTED;
use super::load::Load;
use super::schema::literal;
use super::{Limits, Warehouse, WarehouseError, freshness};

/// An account on its way. Dropped without [`Realign::commit`], everything is as it was.
pub struct Realign<'w> {
    warehouse: &'w Warehouse,
    account: String,
    is_open: bool,
}

impl Warehouse {
    /// The documents that show an account, in the order of their precedence.
    pub fn documents_of(&self, account: &str) -> Result<Vec<DocumentInfo>, WarehouseError> {
        let mut question = self.connection.prepare(
            "select documents.document, documents.name, documents.kind, documents.connector,
                 documents.connector_version, strftime(documents.as_of, '%Y-%m-%dT%H:%M:%S.%f'),
                 strftime(documents.learned_at, '%Y-%m-%dT%H:%M:%S.%f'), documents.source, documents.parent
             from landing.documents as documents
             join landing.snapshots as snapshots on snapshots.document = documents.document
             where snapshots.account = ?
             order by documents.as_of, snapshots.covered_to, documents.document",
        )?;
        let rows = question.query_map(params![account], |row| {
            Ok(DocumentInfo {
                document: row.get(0)?,
                name: row.get(1)?,
                kind: row.get(2)?,
                connector: row.get(3)?,
                connector_version: row.get::<_, i64>(4)?.try_into().unwrap_or_default(),
                // What was written by us reads back.
                as_of: row.get::<_, String>(5)?.parse().unwrap_or_default(),
                learned_at: row.get::<_, String>(6)?.parse().unwrap_or_default(),
                source: row.get(7)?,
                parent: row.get(8)?,
                ..DocumentInfo::default()
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The accounts of which a document waits to be taken in its turn, or was set aside and is
    /// vouched for since.
    pub fn waiting(&self) -> Result<Vec<String>, WarehouseError> {
        let mut question = self.connection.prepare(&format!(
            "select distinct account
             from landing.snapshots
             where verdict = 'waiting' or (verdict = 'quarantined' and document in ({ACCEPTED}))
             order by account"
        ))?;
        let rows = question.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Documents of the account of which nothing was taken so far: those that wait, and those that
    /// were set aside.
    pub fn untaken_of(&self, account: &str) -> Result<Vec<String>, WarehouseError> {
        let mut question = self
            .connection
            .prepare("select document from landing.snapshots where account = ? and verdict <> 'applied'")?;
        let rows = question.query_map(params![account], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets the movements of an account; its documents are to be loaded again, in order.
    pub fn begin_realign(&mut self, account: &str) -> Result<Realign<'_>, WarehouseError> {
        self.connection.execute_batch(&format!("{}; begin transaction", Limits::of_load(0)))?;
        let realign = Realign { warehouse: self, account: account.to_owned(), is_open: true };
        let account = literal(account);
        realign.warehouse.connection.execute_batch(&format!(
            "create temp table forgotten as select id from landing.transactions where account = {account};
             delete from landing.history where table_name = 'transactions' and id in (from temp.main.forgotten);
             delete from landing.aliases where table_name = 'transactions' and id in (from temp.main.forgotten);
             delete from landing.transactions where account = {account};
             delete from landing.snapshots where account = {account};
             delete from landing.faults where kind = 'quarantined' and value = {account};
             drop table temp.main.forgotten"
        ))?;
        for table in ["transactions", "history", "aliases"] {
            freshness::note_written(&realign.warehouse.connection, table)?;
        }
        Ok(realign)
    }
}

impl Realign<'_> {
    /// Loads the movements that one more document shows of the account; all else that is pushed
    /// is passed over.
    pub fn load(&self, document: &DocumentInfo) -> Result<Load<'_>, WarehouseError> {
        Load::of_account(self.warehouse, document, &self.account)
    }

    /// Makes it visible, and adds to the figures of the documents of which nothing was taken before.
    pub fn commit(mut self, taken: &[(String, Counts)]) -> Result<(), WarehouseError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        for (document, counts) in taken {
            self.warehouse.connection.execute(
                "update landing.documents
                 set rows_new = rows_new + ?, rows_known = rows_known + ?, rows_amended = rows_amended + ?
                 where document = ?",
                params![number(counts.rows_new), number(counts.rows_known), number(counts.rows_amended), document],
            )?;
        }
        self.warehouse.connection.execute_batch("commit")?;
        self.is_open = false;
        Ok(())
    }
}

impl Drop for Realign<'_> {
    fn drop(&mut self) {
        if self.is_open && self.warehouse.connection.execute_batch("rollback").is_err() {
            tracing::debug!("nothing to roll back");
        }
        if let Err(error) = self.warehouse.connection.execute_batch(&self.warehouse.limits.again()) {
            tracing::debug!(%error, "the next questions run within the limits of a load");
        }
    }
}
