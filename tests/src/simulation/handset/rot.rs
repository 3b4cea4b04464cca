//! A row that is no longer what it was, although SQLite finds nothing wrong with the file.

use super::Handset;
use crate::simulation::rng::Rng;

/// What can happen to a row: the table, and what is done to the row of the key `?`.
const ROTS: [(&str, &str); 5] = [
    ("outlets", "UPDATE outlets SET address = address || '?' WHERE id = ?"),
    ("products", "UPDATE products SET code = code || '?' WHERE id = ?"),
    ("dealers", "UPDATE dealers SET code = code || '?' WHERE id = ?"),
    ("handbook_entries", "DELETE FROM handbook_entries WHERE id = ?"),
    ("must_stocks", "DELETE FROM must_stocks WHERE id = ?"),
];

impl Handset {
    /// Spoils a row that no unsent work has touched.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn spoil(&mut self, rng: &mut Rng) -> anyhow::Result<()> {
        let Some((table, rot)) = rng.pick(&ROTS) else { return Ok(()) };
        let rows: Vec<Vec<u8>> = {
            let sql = format!(
                "SELECT id FROM {table} WHERE id NOT IN (SELECT row_id FROM outbox_rows)
                     AND id NOT IN (SELECT row_id FROM shadows) AND id NOT IN (SELECT row_id FROM parted) ORDER BY id"
            );
            let mut statement = self.database().prepare(&sql)?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        let Some(id) = rng.pick(&rows) else { return Ok(()) };
        self.database().execute(rot, [id])?;
        self.is_spoilt = true;
        self.trace.note(&self.name, &format!("a row of {table} is spoilt"));
        Ok(())
    }

    /// Looks at every row, as the core does by itself once a week.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn look_at_rows(&mut self) -> anyhow::Result<()> {
        if std::mem::take(&mut self.is_spoilt) {
            let found = self.phone().scan()?;
            self.trace.note(&self.name, &format!("looked at its rows: {found:?}"));
        }
        Ok(())
    }
}
