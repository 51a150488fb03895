//! The contract between a typed record and the store: its table, its key and its cells.

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;

use super::table::{Column, ColumnType, Table};

/// One value on its way to the store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CellRef<'a> {
    Null,
    Text(&'a str),
    Date(Date),
    Timestamp(DateTime),
    Decimal(Decimal),
    Integer(i64),
    Boolean(bool),
    Double(f64),
}

/// A Rust type that a landing column can hold.
pub trait Cell {
    const KIND: ColumnType;
    fn cell(&self) -> CellRef<'_>;
}

/// What is read out of a record's own cells: columns that stand after them and say nothing new,
/// so that they are no part of what makes two rows differ.
pub trait Derived {
    const COLUMNS: &'static [Column];
    fn cells<'a>(&'a self, out: &mut Vec<CellRef<'a>>);
}

impl<T: Derived> Derived for Box<T> {
    const COLUMNS: &'static [Column] = T::COLUMNS;
    fn cells<'a>(&'a self, out: &mut Vec<CellRef<'a>>) {
        T::cells(self, out);
    }
}

/// A row of a landing table.
pub trait Record {
    const TABLE: Table;
    /// The row's cells, in the order of [`Table::columns`], then of [`Table::derived`].
    fn cells<'a>(&'a self, out: &mut Vec<CellRef<'a>>);
    /// Feeds what makes this row itself to `hash`: see `model::hash`.
    fn key(&self, hash: &mut super::hash::KeyHash);
}

macro_rules! cell {
    ($($type:ty => $kind:ident, |$value:ident| $cell:expr;)*) => {$(
        impl Cell for $type {
            const KIND: ColumnType = ColumnType::$kind;
            fn cell(&self) -> CellRef<'_> {
                let $value = self;
                $cell
            }
        }
    )*};
}

cell! {
    String => Text, |v| CellRef::Text(v);
    &'static str => Text, |v| CellRef::Text(v);
    Date => Date, |v| CellRef::Date(*v);
    DateTime => Timestamp, |v| CellRef::Timestamp(*v);
    Decimal => Decimal, |v| CellRef::Decimal(*v);
    i64 => Integer, |v| CellRef::Integer(*v);
    bool => Boolean, |v| CellRef::Boolean(*v);
    f64 => Double, |v| CellRef::Double(*v);
}

impl<T: Cell> Cell for Option<T> {
    const KIND: ColumnType = T::KIND;
    fn cell(&self) -> CellRef<'_> {
        self.as_ref().map_or(CellRef::Null, Cell::cell)
    }
}

/// Declares record types: the struct, its landing table and its key stand in one place, so that
/// the schema, the loader and the documentation cannot drift apart.
macro_rules! records {
    ($(
        $(#[doc = $grain:literal])+
        $name:ident => $table:literal, $identity:expr, key($($key:ident),+)
            $(, whole($($whole:ident),+))? $(, derived $part:ident: $derived:ty)? {
            $( $(#[doc = $comment:literal])+ $field:ident: $type:ty, )+
        }
    )+) => {
        $(
            $(#[doc = $grain])+
            #[derive(Debug, Clone, PartialEq, Default)]
            pub struct $name {
                $( $(#[doc = $comment])+ pub $field: $type, )+
                $( /// What is read out of the other fields.
                pub $part: $derived, )?
            }

            impl $crate::model::record::Record for $name {
                const TABLE: $crate::model::Table = $crate::model::Table {
                    name: $table,
                    comment: concat!($($grain),+),
                    identity: $identity,
                    key: &[$( stringify!($key), )+],
                    whole: &[$($( stringify!($whole), )+)?],
                    columns: &[$(
                        $crate::model::Column {
                            name: stringify!($field),
                            kind: <$type as $crate::model::record::Cell>::KIND,
                            comment: concat!($($comment),+),
                        },
                    )+],
                    derived: [$( <$derived as $crate::model::record::Derived>::COLUMNS, )? &[]][0],
                };

                fn cells<'a>(&'a self, out: &mut Vec<$crate::model::CellRef<'a>>) {
                    $( out.push($crate::model::record::Cell::cell(&self.$field)); )+
                    $( $crate::model::record::Derived::cells(&self.$part, out); )?
                }

                fn key(&self, hash: &mut $crate::model::hash::KeyHash) {
                    $( hash.add($crate::model::record::Cell::cell(&self.$key)); )+
                }
            }
        )+
    };
}
pub(crate) use records;

/// Joins all record types in one, in the order of their tables.
macro_rules! any_record {
    ($( $name:ident ),+ $(,)?) => {
        /// A record of any landing table, as a document yields it.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyRecord {
            $( $name($name), )+
        }

        $(
            impl From<$name> for AnyRecord {
                fn from(record: $name) -> Self { Self::$name(record) }
            }
        )+

        impl AnyRecord {
            /// The landing table it belongs to.
            pub fn table(&self) -> &'static $crate::model::Table {
                match self { $( Self::$name(_) => &<$name as $crate::model::record::Record>::TABLE, )+ }
            }

            /// Its cells, in the order of the table's columns, derived ones last.
            pub fn cells<'a>(&'a self, out: &mut Vec<$crate::model::CellRef<'a>>) {
                match self { $( Self::$name(record) => $crate::model::record::Record::cells(record, out), )+ }
            }

            /// What makes it itself: see `model::hash`.
            pub fn key(&self, hash: &mut $crate::model::hash::KeyHash) {
                match self { $( Self::$name(record) => $crate::model::record::Record::key(record, hash), )+ }
            }
        }

        /// Every landing table that documents fill, parents before children.
        pub const TABLES: &[&$crate::model::Table] = &[
            $( &<$name as $crate::model::record::Record>::TABLE, )+
        ];
    };
}
pub(crate) use any_record;

/// Declares the columns that are read out of a record, as [`records!`] declares its own.
macro_rules! derived {
    (
        $(#[doc = $about:literal])+
        $name:ident { $( $(#[doc = $comment:literal])+ $field:ident: $type:ty, )+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            $( $(#[doc = $comment])+ pub $field: $type, )+
        }

        impl $crate::model::record::Derived for $name {
            const COLUMNS: &'static [$crate::model::Column] = &[$(
                $crate::model::Column {
                    name: stringify!($field),
                    kind: <$type as $crate::model::record::Cell>::KIND,
                    comment: concat!($($comment),+),
                },
            )+];

            fn cells<'a>(&'a self, out: &mut Vec<$crate::model::CellRef<'a>>) {
                $( out.push($crate::model::record::Cell::cell(&self.$field)); )+
            }
        }
    };
}
pub(crate) use derived;
