//! The marks of this installation's sign-ins: how the server tells it from a copy of it.
//!
//! **Invariant.** A mark is on disk before it is sent, and the same one is sent until a sign-in succeeds: a lost answer
//! never makes an installation look like a copy of itself.

use rusqlite::{Connection, OptionalExtension};
use storewalk_domain::ids::RowId;
use storewalk_sqlite::id_blob;
use storewalk_wire::{MOST_SIGN_IN_MARKS, SignInMarks};
use uuid::Uuid;

use crate::ClientError;

/// The mark of a sign-in that is about to begin, with those before it; `fresh` if none is waiting for an answer.
pub(super) fn begin(connection: &Connection, fresh: Uuid) -> Result<SignInMarks, ClientError> {
    let waiting: Option<[u8; 16]> = connection
        .query_row("SELECT mark FROM sign_in_marks WHERE is_answered = 0", [], |row| row.get(0))
        .optional()?;
    let mark = waiting.map_or(fresh, Uuid::from_bytes);
    if waiting.is_none() {
        let sql = "INSERT INTO sign_in_marks (mark, is_answered) VALUES (?, 0)";
        connection.execute(sql, [id_blob(RowId(fresh))])?;
    }
    Ok(SignInMarks { mark, earlier: earlier(connection)? })
}

fn earlier(connection: &Connection) -> Result<Vec<Uuid>, ClientError> {
    let mut statement = connection
        .prepare_cached("SELECT mark FROM sign_in_marks WHERE is_answered = 1 ORDER BY place DESC LIMIT ?")?;
    let most = i64::try_from(MOST_SIGN_IN_MARKS).unwrap_or(i64::MAX);
    let marks = statement.query_map([most], |row| row.get(0).map(Uuid::from_bytes))?;
    Ok(marks.collect::<Result<_, _>>()?)
}

/// A sign-in with this mark has succeeded. Marks too old to be named are forgotten.
pub(super) fn keep(connection: &Connection, mark: Uuid) -> Result<(), ClientError> {
    let sql = "INSERT INTO sign_in_marks (mark, is_answered) VALUES (?, 1) \
               ON CONFLICT (mark) DO UPDATE SET is_answered = 1";
    connection.execute(sql, [id_blob(RowId(mark))])?;
    let most = i64::try_from(MOST_SIGN_IN_MARKS).unwrap_or(i64::MAX);
    let sql = "DELETE FROM sign_in_marks WHERE place <= (SELECT max(place) FROM sign_in_marks) - ?";
    connection.execute(sql, [most])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Connection {
        let connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch(include_str!("../../migrations/0007_sign_in_marks.sql")).expect("made");
        connection
    }

    #[test]
    fn a_mark_is_sent_until_a_sign_in_succeeds_and_is_named_by_the_next() {
        let (table, mark) = (table(), Uuid::from_u128);
        let first = begin(&table, mark(1)).expect("begun");
        assert_eq!(first, SignInMarks { mark: mark(1), earlier: Vec::new() });
        assert_eq!(begin(&table, mark(2)).expect("again"), first, "no answer came");
        keep(&table, first.mark).expect("kept");
        let next = begin(&table, mark(3)).expect("begun");
        assert_eq!(next, SignInMarks { mark: mark(3), earlier: vec![mark(1)] });
        keep(&table, next.mark).expect("kept");
        keep(&table, next.mark).expect("kept twice");
        assert_eq!(begin(&table, mark(4)).expect("begun").earlier, [mark(3), mark(1)]);
    }

    #[test]
    fn so_many_marks_are_kept_and_no_more() {
        let table = table();
        for number in 0..40_u128 {
            let marks = begin(&table, Uuid::from_u128(number)).expect("begun");
            keep(&table, marks.mark).expect("kept");
        }
        let earlier = begin(&table, Uuid::from_u128(99)).expect("begun").earlier;
        assert_eq!((earlier.len(), earlier[0]), (MOST_SIGN_IN_MARKS, Uuid::from_u128(39)));
        let rows: usize = table.query_row("SELECT count(*) FROM sign_in_marks", [], |row| row.get(0)).expect("counted");
        assert!(rows <= MOST_SIGN_IN_MARKS + 1, "{rows}");
    }
}
