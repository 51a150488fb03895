//! Which row is which, across documents: pure decisions, no I/O.
//!
//! Two rules stand here today: equal rows of one document are counted by their rank, and of two
//! documents that state the same row differently the preceding one gives way. The alignment of
//! whole snapshots (a row that is gone beside a row that is new, pending that became booked)
//! will stand here too: it takes the stored rows of a window and the rows of a snapshot, and
//! answers with the same kind of decisions. It does not read or write any store.

mod precedence;
mod ranks;

pub use precedence::Precedence;
pub use ranks::Ranks;
