//! The console's questions in SQL.

use crate::store::{ConsoleRead, sqlite::SqliteTxn};

impl ConsoleRead for SqliteTxn<'_> {}
