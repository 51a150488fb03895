//! Which row is which, across documents: pure decisions, no I/O.
//!
//! Three rules stand here. Equal rows of one document are counted by their rank. Of two documents
//! that state the same keyed row differently the preceding one gives way. And a snapshot of a bank
//! account is aligned with what is stored: a row that is gone beside a row that is new may be one
//! row that changed. Nothing here reads or writes any store.

mod align;
mod likeness;
mod pairing;
mod precedence;
mod ranks;
mod shift;

pub use align::{Alignment, Ground, Movement, SETTLING_DAYS, Scope, Standing, Suspicion, align};
pub use likeness::Words;
pub use precedence::Precedence;
pub use ranks::Ranks;
pub use shift::shift_of;
