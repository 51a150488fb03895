//! What can stop an operation on the warehouse.

use std::path::PathBuf;

/// An operation on the warehouse that did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// Another process holds the file.
    #[error("{} is in use by another program", path.display())]
    Busy { path: PathBuf, detail: String },
    /// The file was made by a version whose landing tables were others: it is to be rebuilt.
    #[error("{} was made by another version of moisson", path.display())]
    OutOfDate { path: PathBuf },
    /// The file is not there, or is not a database.
    #[error("{} cannot be opened: {detail}", path.display())]
    Unreadable { path: PathBuf, detail: String },
    /// Reading or writing a file outside the database failed.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// A query file is refused by the database.
    #[error("{file}:{line}: {message}")]
    Query { file: String, line: usize, message: String },
    /// Query files that read one another in a circle.
    #[error("these queries read one another in a circle: {}", files.join(", "))]
    Circle { files: Vec<String> },
    /// A query file that reads a layer above its own.
    #[error("{file} reads {reads}, which is in a higher layer")]
    HigherLayer { file: String, reads: String },
    /// Marts whose columns are not all commented.
    #[error("columns without a comment: {}", columns.join(", "))]
    NoComment { columns: Vec<String> },
    /// A question that the database refuses, in its own words.
    #[error("{message}")]
    Refused { message: String },
    /// Whoever reads the answer does not take it any more, or its file cannot be written.
    #[error("the answer could not be written: {0}")]
    Output(#[source] std::io::Error),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] duckdb::Error),
    /// A batch of rows could not be formed.
    #[error("rows could not be handed to the database: {0}")]
    Rows(#[from] duckdb::arrow::error::ArrowError),
}

impl WarehouseError {
    /// An input/output error with the path it happened on.
    pub(super) fn file(path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::File { path: path.into(), source }
    }

    /// Whether the disk has no room left.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::File { source, .. } | Self::Output(source) => source.kind() == std::io::ErrorKind::StorageFull,
            Self::Database(error) => says_no_space(&error.to_string()),
            Self::Refused { message } | Self::Query { message, .. } => says_no_space(message),
            _ => false,
        }
    }
}

fn says_no_space(message: &str) -> bool {
    message.contains("No space left on device") || message.contains("max_temp_directory_size")
}
