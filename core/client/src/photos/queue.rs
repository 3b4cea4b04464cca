//! The queue of photo bytes: what is due next, and what became of each attempt.
//!
//! **States.** `pending` → `done`; `pending` → `refused` → `pending` after an attempt that went well; `done` → `pending`
//! when the server's memory went back. Nothing is ever passive: every row that is not settled has a next attempt. An original that is `done` is settled only when the
//! server says by pull that it holds it; until then it is asked about again now and then.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use storewalk_domain::{
    ids::PhotoId,
    time::{CaptureTime, HOUR_MS, Timestamp, Zone},
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{UploadRequest, Variant};
use uuid::Uuid;

use super::metered::Hold;
use crate::ClientError;

/// Wait before bytes that the server refused are offered again: its fault may have been mended.
const REFUSED_WAIT_MS: i64 = 6 * HOUR_MS;

/// Wait before a finished original is asked about again when no pull has confirmed it.
const CONFIRM_WAIT_MS: i64 = HOUR_MS;

/// One file on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Upload {
    pub(crate) request: UploadRequest,
    /// Name in the folder of photos.
    pub(crate) path: String,
    /// Failures in a row.
    pub(crate) attempts: u32,
    /// Code of the last failure.
    pub(crate) last_error: Option<String>,
    /// No server was ever told of it.
    pub(crate) is_untold: bool,
}

impl Upload {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let variant: String = row.get("variant")?;
        Ok(Self {
            request: UploadRequest {
                photo_id: PhotoId(Uuid::from_bytes(row.get("photo_id")?)),
                variant: Variant::from_name(&variant).unwrap_or(Variant::Original),
                size_bytes: row.get("size_bytes")?,
                sha256: row.get("sha256")?,
            },
            path: row.get("path")?,
            attempts: row.get("attempts")?,
            last_error: row.get("last_error")?,
            is_untold: row.get("is_untold")?,
        })
    }
}

/// How an attempt ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// The server holds the whole file.
    Done,
    /// It did not work this time.
    Failed {
        /// Code.
        error: String,
        /// Milliseconds until the next attempt.
        wait_ms: i64,
    },
    /// The server will not have these bytes, or the file is gone: a person must know.
    Refused {
        /// Code.
        error: String,
    },
}

/// What is due: thumbnails first, of each kind today's before those of earlier days. Bytes whose photo the server does not
/// know yet wait for the commands.
///
/// Attempts are planned by the phone's clock; one that lies further ahead than any wait was planned before that clock
/// was set back, and is due.
pub(crate) fn next_due(connection: &Connection, now: &CaptureTime, hold: Hold) -> Result<Option<Upload>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("next_upload.sql"))?;
    let params = named_params! {
        ":now": now.device_at.0,
        ":horizon": now.device_at.plus_ms(REFUSED_WAIT_MS).0,
        ":today": day_began(connection, now.trusted())?.0,
        ":taken_after": hold.taken_after.0,
    };
    Ok(statement.query_row(params, Upload::from_row).optional()?)
}

/// When today began where this phone's outlets are; where they lie in several zones, in the one where it began first.
fn day_began(connection: &Connection, now: Timestamp) -> Result<Timestamp, ClientError> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT zone FROM outlets")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let began = |zone| now.date_in(zone).start_in(zone);
    let first = names.iter().filter_map(|name| Zone::from_name(name)).map(began).min();
    Ok(first.unwrap_or_else(|| began(Zone::SHANGHAI)))
}

/// Files whose bytes the server does not hold, with their names in the folder; thumbnails first.
pub(crate) fn unsent_files(connection: &Connection) -> Result<Vec<(UploadRequest, String)>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT photo_id, variant, size_bytes, sha256, path, attempts, last_error, is_untold FROM uploads
         WHERE state <> 'done' ORDER BY variant = 'original', photo_id",
    )?;
    let rows = statement.query_map([], |row| Upload::from_row(row).map(|upload| (upload.request, upload.path)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Files whose bytes leave the phone by another road: a server may know them before this phone tells it of them.
pub(crate) fn note_packed(connection: &Connection) -> Result<(), ClientError> {
    connection.execute("UPDATE uploads SET is_untold = 0 WHERE is_untold = 1 AND state <> 'done'", [])?;
    Ok(())
}

/// Notes how far the server says it has come, or that it is about to be told of the file.
pub(crate) fn note_offset(connection: &Connection, request: &UploadRequest, offset: u64) -> Result<(), ClientError> {
    let sql = "UPDATE uploads SET offset = :offset, is_untold = 0 WHERE photo_id = :photo AND variant = :variant";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":offset": offset,
        ":photo": id_blob(request.photo_id.row()),
        ":variant": request.variant.as_str(),
    })?;
    Ok(())
}

/// Sets when a file that is still to be sent is tried next. Somebody else may send it until then.
pub(crate) fn put_off(connection: &Connection, request: &UploadRequest, next: Timestamp) -> Result<(), ClientError> {
    let sql = "UPDATE uploads SET next_attempt_at = :next, is_untold = 0
               WHERE photo_id = :photo AND variant = :variant AND state <> 'done'";
    connection.prepare_cached(sql)?.execute(named_params! {
        ":next": next.0,
        ":photo": id_blob(request.photo_id.row()),
        ":variant": request.variant.as_str(),
    })?;
    Ok(())
}

/// Notes how an attempt ended and when the next one is.
pub(crate) fn note_end(
    connection: &Connection,
    upload: &Upload,
    ended: &Ended,
    now: Timestamp,
) -> Result<(), ClientError> {
    let (state, attempts, error, wait_ms) = match ended {
        Ended::Done => ("done", 0, None, CONFIRM_WAIT_MS),
        Ended::Failed { error, wait_ms } => ("pending", upload.attempts.saturating_add(1), Some(error), *wait_ms),
        Ended::Refused { error } => ("refused", upload.attempts.saturating_add(1), Some(error), REFUSED_WAIT_MS),
    };
    connection.prepare_cached(include_str!("note_upload_end.sql"))?.execute(named_params! {
        ":state": state,
        ":attempts": attempts,
        ":error": error,
        ":next": now.plus_ms(wait_ms).0,
        ":photo": id_blob(upload.request.photo_id.row()),
        ":variant": upload.request.variant.as_str(),
    })?;
    Ok(())
}

/// When the next file is due of those that do not wait for the commands to be sent first. An original that waits for
/// another network is due when that wait ends.
pub(crate) fn next_attempt_at(
    connection: &Connection,
    now: &CaptureTime,
    hold: Hold,
) -> Result<Option<Timestamp>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("next_attempt_at.sql"))?;
    let params = named_params! { ":taken_after": hold.taken_after.0, ":now": now.device_at.0 };
    let at: Option<i64> = statement.query_row(params, |row| row.get(0))?;
    Ok(at.map(Timestamp))
}

/// After a pull: photos the server did not know when their bytes were offered are due at once if it knows them now.
pub(crate) fn note_known(connection: &Connection, now: Timestamp) -> Result<(), ClientError> {
    connection.prepare_cached(include_str!("known_now.sql"))?.execute(named_params! { ":now": now.0 })?;
    Ok(())
}

/// What a server's memory that went back may lack of the delivered bytes this phone still has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Doubt {
    /// Photos whose rows are not here: nothing that is pulled tells of them.
    Unseen,
    /// All of them: what was pulled before is in doubt as well.
    All,
}

/// Whether an original arrived since an instant of the phone's clock that no pull has confirmed.
pub(crate) fn has_arrived_since(connection: &Connection, since: Timestamp) -> Result<bool, ClientError> {
    let sql = "SELECT 1 FROM uploads JOIN photos ON photos.id = uploads.photo_id
               WHERE uploads.variant = 'original' AND uploads.state = 'done' AND photos.received_at IS NULL
                   AND uploads.next_attempt_at >= ?";
    Ok(connection.prepare_cached(sql)?.exists([since.plus_ms(CONFIRM_WAIT_MS).0])?)
}

/// The server's memory has gone back: delivered bytes are offered again. A server that has them says so.
pub(crate) fn offer_again(connection: &Connection, doubt: Doubt, now: Timestamp) -> Result<(), ClientError> {
    let params = named_params! { ":now": now.0, ":even_known": doubt == Doubt::All };
    connection.prepare_cached(include_str!("offer_again.sql"))?.execute(params)?;
    Ok(())
}

/// The name of a file in the folder of photos.
pub(crate) fn name_of(
    connection: &Connection,
    photo: PhotoId,
    variant: Variant,
) -> Result<Option<String>, ClientError> {
    let sql = "SELECT path FROM uploads WHERE photo_id = :photo AND variant = :variant";
    let params = named_params! { ":photo": id_blob(photo.row()), ":variant": variant.as_str() };
    Ok(connection.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?)
}

/// When a file is tried again.
pub(crate) fn attempt_of(connection: &Connection, request: &UploadRequest) -> Result<Option<Timestamp>, ClientError> {
    let sql = "SELECT next_attempt_at FROM uploads WHERE photo_id = :photo AND variant = :variant";
    let params = named_params! {
        ":photo": id_blob(request.photo_id.row()),
        ":variant": request.variant.as_str(),
    };
    Ok(connection.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?.map(Timestamp))
}

/// The files that the server refused or that are gone from the phone.
pub(crate) fn failed_uploads(connection: &Connection) -> Result<Vec<Upload>, ClientError> {
    let mut statement = connection.prepare_cached(
        "SELECT photo_id, variant, size_bytes, sha256, path, attempts, last_error, is_untold
         FROM uploads WHERE state = 'refused' ORDER BY photo_id, variant",
    )?;
    let rows = statement.query_map([], Upload::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
