//! Small pictures that an open retake needs and that this phone did not take: what is to be taken anew, after the outlet was
//! handed over, and the photo that a reviewer chose to show how it should look. They are fetched after a sync, so that a
//! task can be read where there is no signal.
//!
//! **States of a picture.** Needed → fetched → no longer needed, when the task is closed or gone, and removed: row first.
//! One that the server does not show, or not yet, is asked for again, later each time.
//!
//! **Invariants.** Nothing here is part of a sync. A file is named by a row or cleared as a stray; a row whose file is gone
//! shows nothing and is fetched for again.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use storewalk_domain::{
    ids::{PhotoId, UserId, VerdictId},
    time::{HOUR_MS, Timestamp},
};
use storewalk_sqlite::id_blob;
use storewalk_wire::{MAX_SMALL_PICTURE_BYTES, SmallPicture};
use uuid::Uuid;

use super::{files, janitor::while_sweeping_waits};
use crate::{ClientError, Phone};

/// Wait after the server has refused a picture for the first time; doubled each time.
const WAIT_MS: i64 = HOUR_MS;

/// Doublings of that wait at the most: about a day.
const MOST_DOUBLINGS: u32 = 5;

/// What every JPEG begins with. The server has read the picture; this tells it from another kind of answer.
const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF];

/// A picture that is needed.
struct Needed {
    picture: SmallPicture,
    /// Who has a task that shows it.
    owners: Vec<UserId>,
    path: Option<String>,
    attempts: u32,
    next_attempt_at: Timestamp,
}

impl Needed {
    /// A wait that is longer than any is of a clock that was wrong then.
    fn is_due(&self, now: Timestamp) -> bool {
        let latest = now.plus_ms(WAIT_MS << MOST_DOUBLINGS);
        self.next_attempt_at <= now || self.next_attempt_at > latest
    }
}

impl Phone {
    /// Whether something is to be fetched for the open retakes of whoever is signed in.
    ///
    /// # Errors
    /// When nobody is signed in or the database cannot be read.
    pub fn lacks_task_pictures(&self) -> Result<bool, ClientError> {
        let needed = self.read(needed)?;
        Ok(self.next_due(&needed, &BTreeSet::new())?.is_some())
    }

    /// Fetches what the open retakes of whoever is signed in show, and removes what none shows any more. To be called after
    /// a sync; what fails is left for the next.
    pub async fn fetch_task_pictures(&self) {
        let mut asked = BTreeSet::new();
        loop {
            match self.fetch_next(&mut asked).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(code = error.code(), "small pictures of tasks are left for later");
                    return;
                }
            }
        }
    }

    /// Fetches one; false when none is left. Whoever wants to change people has their turn between two.
    async fn fetch_next(&self, asked: &mut BTreeSet<PhotoId>) -> Result<bool, ClientError> {
        let _turn = self.inner.fetching.lock().await;
        let needed = self.read(needed)?;
        self.remove_others(&needed)?;
        let Some((photo, needed)) = self.next_due(&needed, asked)? else { return Ok(false) };
        asked.insert(photo);
        // Where there is no room for it, it is not sent for.
        self.needs_room(MAX_SMALL_PICTURE_BYTES)?;
        let picture = needed.picture;
        let answer = self.authorized(|api, token| async move { api.small_picture(&token, picture).await }).await;
        match answer {
            Ok(bytes) if bytes.starts_with(JPEG) => self.keep_picture(photo, &bytes)?,
            Ok(_) | Err(ClientError::Refused(_) | ClientError::NotTheServer) => {
                self.ask_later(photo, needed.attempts, self.now().device_at)?;
            }
            // The line failed: it would fail the others, too.
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    fn next_due<'n>(
        &self,
        needed: &'n BTreeMap<PhotoId, Needed>,
        asked: &BTreeSet<PhotoId>,
    ) -> Result<Option<(PhotoId, &'n Needed)>, ClientError> {
        let (actor, now, shown) = (self.actor()?, self.now().device_at, self.shown());
        // An app of before clears files that it does not know the rows of.
        let is_here = |needed: &Needed| needed.path.as_ref().is_some_and(|path| shown.is_kept(path));
        let is_due = |needed: &Needed| needed.is_due(now) && needed.owners.contains(&actor.user_id);
        let mut left = needed.iter().filter(|(photo, needed)| !asked.contains(*photo) && is_due(needed));
        Ok(left.find(|(_, needed)| !is_here(needed)).map(|(photo, needed)| (*photo, needed)))
    }

    fn keep_picture(&self, photo: PhotoId, bytes: &[u8]) -> Result<(), ClientError> {
        let (folder, name) = (self.photos_dir(), files::fetched_name(photo));
        let _present = while_sweeping_waits();
        std::fs::create_dir_all(&folder)?;
        self.inner.vault.write(&folder, &name, bytes)?;
        let params = named_params! { ":photo": id_blob(photo.row()), ":path": name };
        let sql = "INSERT INTO task_pictures (photo_id, path) VALUES (:photo, :path)
                   ON CONFLICT (photo_id) DO UPDATE SET path = excluded.path, attempts = 0, next_attempt_at = 0";
        self.write(|transaction| Ok(transaction.execute(sql, params).map(drop)?))
    }

    fn ask_later(&self, photo: PhotoId, attempts: u32, now: Timestamp) -> Result<(), ClientError> {
        let next = now.plus_ms(WAIT_MS << attempts.min(MOST_DOUBLINGS));
        let params = named_params! { ":photo": id_blob(photo.row()), ":next": next.0 };
        let sql = "INSERT INTO task_pictures (photo_id, attempts, next_attempt_at) VALUES (:photo, 1, :next)
                   ON CONFLICT (photo_id) DO UPDATE SET attempts = attempts + 1, next_attempt_at = :next";
        self.write(|transaction| Ok(transaction.execute(sql, params).map(drop)?))
    }

    /// Removes what no open task shows any more.
    fn remove_others(&self, needed: &BTreeMap<PhotoId, Needed>) -> Result<(), ClientError> {
        let kept = self.read(kept)?;
        for (photo, path) in kept.into_iter().filter(|(photo, _)| !needed.contains_key(photo)) {
            // The row first: a kill in between leaves a stray, never a row without its file.
            self.write(|transaction| forget(transaction, photo))?;
            if let Some(path) = path {
                files::remove(&self.photos_dir().join(&path))?;
                self.shown().remove(&path)?;
            }
        }
        Ok(())
    }
}

/// The name of the file of a small picture that was fetched, if it is here.
pub(super) fn fetched(connection: &Connection, photo: PhotoId) -> Result<Option<String>, ClientError> {
    let sql = "SELECT path FROM task_pictures WHERE photo_id = :photo";
    let params = named_params! { ":photo": id_blob(photo.row()) };
    Ok(connection.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?.flatten())
}

fn needed(connection: &Connection) -> Result<BTreeMap<PhotoId, Needed>, ClientError> {
    let mut statement = connection.prepare_cached(include_str!("needed_pictures.sql"))?;
    let rows = statement.query_map([], |row| {
        let photo = PhotoId(Uuid::from_bytes(row.get("photo_id")?));
        let verdict: Option<[u8; 16]> = row.get("verdict_id")?;
        let reference = verdict.map(|verdict| SmallPicture::OfReference(VerdictId(Uuid::from_bytes(verdict))));
        let found = Needed {
            picture: reference.unwrap_or(SmallPicture::OfPhoto(photo)),
            owners: vec![UserId(Uuid::from_bytes(row.get("owner_id")?))],
            path: row.get("path")?,
            attempts: row.get("attempts")?,
            next_attempt_at: Timestamp(row.get("next_attempt_at")?),
        };
        Ok((photo, found))
    })?;
    let mut all = BTreeMap::<PhotoId, Needed>::new();
    for row in rows {
        let (photo, found) = row?;
        match all.get_mut(&photo) {
            Some(known) => known.owners.extend(found.owners),
            None => drop(all.insert(photo, found)),
        }
    }
    Ok(all)
}

fn kept(connection: &Connection) -> Result<Vec<(PhotoId, Option<String>)>, ClientError> {
    let mut statement = connection.prepare_cached("SELECT photo_id, path FROM task_pictures")?;
    let rows = statement.query_map([], |row| Ok((PhotoId(Uuid::from_bytes(row.get(0)?)), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn forget(transaction: &Transaction<'_>, photo: PhotoId) -> Result<(), ClientError> {
    let params = named_params! { ":photo": id_blob(photo.row()) };
    Ok(transaction.execute("DELETE FROM task_pictures WHERE photo_id = :photo", params).map(drop)?)
}
