//! What can go wrong with a database file, in the few kinds a host treats differently.

use rusqlite::ErrorCode;

/// The kinds of faults that call for different remedies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// The disk is full: free some space; nothing was half done.
    Full,
    /// The file is damaged, or is no database: set it aside and salvage.
    Damaged,
    /// Another process holds the database.
    Busy,
    /// The file cannot be opened or written.
    Unavailable,
    /// A newer release has changed the database in a way this one does not know: update.
    Newer,
    /// Anything else: a fault of ours.
    Other,
}

/// A failed access to the database.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// SQLite refused.
    #[error("use the database: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The schema could not be brought up to date.
    #[error("bring the schema up to date: {0}")]
    Migration(#[from] rusqlite_migration::Error),
    /// A newer release has changed what this one uses.
    #[error("use a database that a newer release has changed: it has {found} schema steps, this release knows {known}")]
    Newer {
        /// Steps it has.
        found: usize,
        /// Steps this release knows.
        known: usize,
    },
    /// A row's fields are not those of its table.
    #[error("read a row of {table}: {source}")]
    Shape {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A field has a value its column cannot hold.
    #[error("keep {table}.{column}: the value is of another kind")]
    Column {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
}

impl SqliteError {
    /// Which remedy it calls for.
    pub fn kind(&self) -> FaultKind {
        match self {
            Self::Sql(error) | Self::Migration(rusqlite_migration::Error::RusqliteError { err: error, .. }) => {
                kind_of(error)
            }
            Self::Newer { .. } => FaultKind::Newer,
            Self::Migration(_) | Self::Shape { .. } | Self::Column { .. } => FaultKind::Other,
        }
    }
}

fn kind_of(error: &rusqlite::Error) -> FaultKind {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FaultKind::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => FaultKind::Damaged,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => FaultKind::Busy,
        Some(
            ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure,
        ) => FaultKind::Unavailable,
        _ => FaultKind::Other,
    }
}
