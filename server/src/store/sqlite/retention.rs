//! Policies, holds, deletions and views in SQL.

use rusqlite::{Row, ToSql, named_params, params};
use storewalk_domain::{
    ids::{PhotoId, UserId},
    retention::{Hold, Lift, RetentionPolicy},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use storewalk_wire::Variant;
use uuid::Uuid;

use super::{
    SqliteTxn,
    values::{count, id, json, parsed, to_sql},
};
use crate::store::{Erasure, Removal, RetentionRead, RetentionWrite, StoreError, View, ViewKind};

const HOLDS: &str = "SELECT photo_id, set_by, set_at, reason, lifted_by, lifted_at, lift_reason FROM photo_holds";

const REMOVALS: &str = "SELECT photo_id, variant, sha256, size_bytes, received_at, removed_at, class, policy_version, \
                        is_erased, is_shared, erased_at FROM photo_removals";

impl RetentionRead for SqliteTxn<'_> {
    fn policies(&self) -> Result<Vec<RetentionPolicy>, StoreError> {
        let read = |row: &Row<'_>| parsed(row, "body", |body| serde_json::from_str(body).ok());
        self.all("SELECT body FROM retention_policies ORDER BY version DESC", &[], read)
    }

    fn holds(&self, photo: PhotoId) -> Result<Vec<Hold>, StoreError> {
        let sql = format!("{HOLDS} WHERE photo_id = :photo ORDER BY id DESC");
        self.all(&sql, &[(":photo", &id_blob(photo.row()))], read_hold)
    }

    fn binding_holds(&self, limit: u32) -> Result<Vec<Hold>, StoreError> {
        let sql = format!("{HOLDS} WHERE lifted_by IS NULL ORDER BY id LIMIT :limit");
        self.all(&sql, &[(":limit", &limit)], read_hold)
    }

    fn removal(&self, photo: PhotoId, variant: Variant) -> Result<Option<Removal>, StoreError> {
        let sql = format!("{REMOVALS} WHERE photo_id = ? AND variant = ?");
        self.query(&sql, params![id_blob(photo.row()), variant.as_str()], read_removal)
    }

    fn unerased(&self, pass: Timestamp, limit: u32) -> Result<Vec<Removal>, StoreError> {
        let sql = format!(
            "{REMOVALS} WHERE is_erased = 0 AND tried_at <> :pass \
             ORDER BY tried_at, removed_at, photo_id, variant LIMIT :limit"
        );
        self.all(&sql, &[(":pass", &pass.0), (":limit", &limit)], read_removal)
    }

    fn photos_received_before(
        &self,
        before: Timestamp,
        after: Option<(Timestamp, PhotoId)>,
        limit: u32,
    ) -> Result<Vec<(Timestamp, PhotoId)>, StoreError> {
        let (after_at, after_id) = after.map_or((i64::MIN, [0; 16]), |(at, photo)| (at.0, id_blob(photo.row())));
        let params: [(&str, &dyn ToSql); 4] =
            [(":before", &before.0), (":after_at", &after_at), (":after_id", &after_id), (":limit", &limit)];
        self.all(include_str!("retention/received_before.sql"), &params, |row| {
            Ok((Timestamp(row.get("received_at")?), PhotoId(id(row, "photo_id")?)))
        })
    }

    fn views(&self, photo: PhotoId, limit: u32) -> Result<Vec<View>, StoreError> {
        let sql = "SELECT photo_id, user_id, kind, is_ahead, at FROM photo_views WHERE photo_id = :photo \
                   ORDER BY at DESC, id DESC LIMIT :limit";
        self.all(sql, &[(":photo", &id_blob(photo.row())), (":limit", &limit)], |row| {
            Ok(View {
                photo_id: PhotoId(id(row, "photo_id")?),
                user_id: UserId(id(row, "user_id")?),
                kind: match parsed(row, "kind", kind_of)? {
                    ViewKind::File if row.get("is_ahead")? => ViewKind::FileAhead,
                    kind => kind,
                },
                at: Timestamp(row.get("at")?),
            })
        })
    }
}

impl RetentionWrite for SqliteTxn<'_> {
    fn put_policy(&mut self, policy: &RetentionPolicy) -> Result<(), StoreError> {
        let sql = "INSERT INTO retention_policies (version, body) VALUES (?, ?)";
        self.execute(sql, params![policy.version, json(policy)?])?;
        Ok(())
    }

    fn put_hold(&mut self, hold: &Hold) -> Result<(), StoreError> {
        let photo = id_blob(hold.photo_id.row());
        match &hold.lifted {
            None => {
                let sql = "INSERT INTO photo_holds (photo_id, set_by, set_at, reason) VALUES (?, ?, ?, ?)";
                self.execute(sql, params![photo, id_blob(hold.set_by.row()), hold.set_at.0, hold.reason])?;
            }
            Some(lift) => {
                let sql = "UPDATE photo_holds SET lifted_by = ?, lifted_at = ?, lift_reason = ? \
                           WHERE photo_id = ? AND lifted_by IS NULL";
                self.execute(sql, params![id_blob(lift.by.row()), lift.at.0, lift.reason, photo])?;
            }
        }
        Ok(())
    }

    fn remove_photo_file(&mut self, removal: &Removal) -> Result<(), StoreError> {
        let photo = id_blob(removal.photo_id.row());
        let params = named_params! {
            ":photo_id": photo,
            ":variant": removal.variant.as_str(),
            ":sha256": removal.sha256,
            ":size_bytes": to_sql(removal.size_bytes)?,
            ":received_at": removal.received_at.0,
            ":removed_at": removal.removed_at.0,
            ":class": removal.class,
            ":policy_version": removal.policy_version,
        };
        self.execute(include_str!("retention/remove_photo_file.sql"), params)?;
        let sql = "DELETE FROM photo_files WHERE photo_id = ? AND variant = ?";
        self.execute(sql, params![photo, removal.variant.as_str()])?;
        Ok(())
    }

    fn note_gone(&mut self, sha256: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE photo_removals SET is_erased = 1, is_shared = 0, erased_at = ? \
                   WHERE sha256 = ? AND (is_erased = 0 OR is_shared = 1)";
        self.execute(sql, params![at.0, sha256])?;
        Ok(())
    }

    fn note_shared(&mut self, sha256: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE photo_removals SET is_erased = 1, is_shared = 1, erased_at = ? \
                   WHERE sha256 = ? AND is_erased = 0";
        self.execute(sql, params![at.0, sha256])?;
        Ok(())
    }

    fn note_not_erased(&mut self, sha256: &str, pass: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE photo_removals SET tried_at = ? WHERE sha256 = ? AND is_erased = 0";
        self.execute(sql, params![pass.0, sha256])?;
        Ok(())
    }

    fn note_view(&mut self, view: &View, since: Timestamp) -> Result<(), StoreError> {
        let params = named_params! {
            ":photo_id": id_blob(view.photo_id.row()),
            ":user_id": id_blob(view.user_id.row()),
            ":kind": kind_name(view.kind),
            ":is_ahead": view.kind == ViewKind::FileAhead,
            ":at": view.at.0,
            ":since": since.0,
        };
        self.execute(include_str!("retention/note_view.sql"), params)?;
        Ok(())
    }
}

fn read_hold(row: &Row<'_>) -> rusqlite::Result<Hold> {
    let lifted_by: Option<[u8; 16]> = row.get("lifted_by")?;
    let lift = |by: [u8; 16]| -> rusqlite::Result<Lift> {
        Ok(Lift {
            by: UserId(Uuid::from_bytes(by)),
            at: Timestamp(row.get("lifted_at")?),
            reason: row.get("lift_reason")?,
        })
    };
    Ok(Hold {
        photo_id: PhotoId(id(row, "photo_id")?),
        set_by: UserId(id(row, "set_by")?),
        set_at: Timestamp(row.get("set_at")?),
        reason: row.get("reason")?,
        lifted: lifted_by.map(lift).transpose()?,
    })
}

fn read_removal(row: &Row<'_>) -> rusqlite::Result<Removal> {
    Ok(Removal {
        photo_id: PhotoId(id(row, "photo_id")?),
        variant: parsed(row, "variant", Variant::from_name)?,
        sha256: row.get("sha256")?,
        size_bytes: count(row, "size_bytes")?,
        received_at: Timestamp(row.get("received_at")?),
        removed_at: Timestamp(row.get("removed_at")?),
        class: row.get("class")?,
        policy_version: row.get("policy_version")?,
        erasure: read_erasure(row)?,
    })
}

fn read_erasure(row: &Row<'_>) -> rusqlite::Result<Erasure> {
    if !row.get::<_, bool>("is_erased")? {
        return Ok(Erasure::Waiting);
    }
    // A release before this one settled deletions without saying when.
    let at = row.get::<_, Option<i64>>("erased_at")?.map_or_else(|| row.get("removed_at"), Ok).map(Timestamp)?;
    Ok(if row.get("is_shared")? { Erasure::Shared(at) } else { Erasure::Gone(at) })
}

fn kind_name(kind: ViewKind) -> &'static str {
    match kind {
        ViewKind::Page => "page",
        // Told apart by a column that releases before do not look at.
        ViewKind::File | ViewKind::FileAhead => "file",
        ViewKind::Exported => "exported",
        // The name that releases before marked areas gave it.
        ViewKind::ExportedCovered => "exported_blurred",
        ViewKind::CoveredCopy => "covered_copy",
    }
}

fn kind_of(name: &str) -> Option<ViewKind> {
    match name {
        "page" => Some(ViewKind::Page),
        "file" => Some(ViewKind::File),
        "exported" => Some(ViewKind::Exported),
        "exported_blurred" => Some(ViewKind::ExportedCovered),
        "covered_copy" => Some(ViewKind::CoveredCopy),
        _ => None,
    }
}
