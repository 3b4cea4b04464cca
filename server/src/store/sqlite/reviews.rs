//! Claims, second looks and sights in SQL.

use rusqlite::{Row, ToSql, named_params, params};
use storewalk_domain::{
    ids::{PhotoId, UserId, VerdictId},
    photo::{Photo, VerdictDecision},
    review::{Claim, Drawn, SecondLook},
    time::Timestamp,
};
use storewalk_sqlite::id_blob;
use uuid::Uuid;

use super::{
    SqliteTxn, sql_error,
    values::{id, parsed},
};
use crate::store::{ReviewsRead, ReviewsWrite, StoreError};

const DRAWN: &str = include_str!("reviews/drawn.sql");

const OF_REGION: &str = include_str!("reviews/of_region.sql");

const OPEN: &str = include_str!("reviews/open.sql");

impl ReviewsRead for SqliteTxn<'_> {
    fn claim(&self, photo: PhotoId) -> Result<Option<Claim>, StoreError> {
        let sql = "SELECT photo_id, user_id, claimed_at, until_at FROM review_claims WHERE photo_id = ?";
        self.query(sql, [id_blob(photo.row())], read_claim)
    }

    fn claims(&self, now: Timestamp) -> Result<Vec<Claim>, StoreError> {
        let sql = "SELECT photo_id, user_id, claimed_at, until_at FROM review_claims WHERE until_at > :now \
                   ORDER BY user_id, photo_id";
        self.all(sql, &[(":now", &now.0)], read_claim)
    }

    fn photo_of_last_visit(&self, photo: &Photo) -> Result<Option<PhotoId>, StoreError> {
        let sql = "SELECT id FROM photos WHERE outlet_id = ? AND zone = ? AND visit_id <> ? AND taken_at < ? \
                   AND replaced_by IS NULL AND status <> 'pending' ORDER BY taken_at DESC, id DESC LIMIT 1";
        let (outlet, visit) = (id_blob(photo.outlet_id.row()), id_blob(photo.visit_id.row()));
        self.query(sql, params![outlet, photo.zone, visit, photo.taken_at.0], |row| id(row, "id").map(PhotoId))
    }

    fn drawn(&self, verdict: VerdictId) -> Result<Option<Drawn>, StoreError> {
        let sql = format!("{DRAWN} WHERE verdict_id = ?");
        self.query(&sql, [id_blob(verdict.row())], read_drawn)
    }

    fn open_draws(&self, region: Option<&str>, by: UserId, limit: u32) -> Result<Vec<Drawn>, StoreError> {
        let sql = format!("{DRAWN} WHERE {OPEN} AND {OF_REGION} ORDER BY drawn_at, verdict_id LIMIT :limit");
        let by = id_blob(by.row());
        self.all(&sql, &[(":region", &region), (":by", &by), (":limit", &limit)], read_drawn)
    }

    fn open_draw_count(&self, region: Option<&str>, by: UserId, most: u32) -> Result<usize, StoreError> {
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM second_looks WHERE {OPEN} AND {OF_REGION} LIMIT :most)");
        let params = named_params! { ":region": region, ":by": id_blob(by.row()), ":most": most };
        Ok(self.query(&sql, params, |row| row.get(0))?.unwrap_or(0))
    }

    fn waits_for_look(&self, photo: PhotoId, by: UserId) -> Result<bool, StoreError> {
        let sql = format!("SELECT 1 FROM second_looks WHERE photo_id = :photo AND {OPEN} LIMIT 1");
        let params = named_params! { ":photo": id_blob(photo.row()), ":by": id_blob(by.row()) };
        Ok(self.query(&sql, params, |_| Ok(()))?.is_some())
    }

    fn looked_at(&self, region: Option<&str>, limit: u32) -> Result<Vec<Drawn>, StoreError> {
        let sql = format!(
            "{DRAWN} WHERE second_by IS NOT NULL AND {OF_REGION} ORDER BY looked_at DESC, verdict_id DESC LIMIT :limit"
        );
        self.all(&sql, &[(":region", &region), (":limit", &limit)], read_drawn)
    }

    fn has_seen(&self, verdict: VerdictId, user: UserId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM verdict_sights WHERE verdict_id = ? AND user_id = ?";
        Ok(self.query(sql, params![id_blob(verdict.row()), id_blob(user.row())], |_| Ok(()))?.is_some())
    }
}

impl ReviewsWrite for SqliteTxn<'_> {
    fn put_claim(&mut self, claim: &Claim) -> Result<(), StoreError> {
        let sql = "INSERT INTO review_claims (photo_id, user_id, claimed_at, until_at) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (photo_id) DO UPDATE \
                   SET user_id = excluded.user_id, claimed_at = excluded.claimed_at, until_at = excluded.until_at";
        let (photo, user) = (id_blob(claim.photo_id.row()), id_blob(claim.user_id.row()));
        self.execute(sql, params![photo, user, claim.claimed_at.0, claim.until.0])?;
        Ok(())
    }

    fn remove_claim(&mut self, photo: PhotoId) -> Result<(), StoreError> {
        self.execute("DELETE FROM review_claims WHERE photo_id = ?", [id_blob(photo.row())])?;
        Ok(())
    }

    fn renew_claims(&mut self, user: UserId, now: Timestamp, until: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE review_claims SET until_at = ? WHERE user_id = ? AND until_at > ?";
        self.execute(sql, params![until.0, id_blob(user.row()), now.0])?;
        Ok(())
    }

    fn forget_claims(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        self.execute("DELETE FROM review_claims WHERE until_at < ?", [before.0])
    }

    fn put_drawn(&mut self, drawn: &Drawn) -> Result<(), StoreError> {
        let second = drawn.second.as_ref();
        let params = named_params! {
            ":verdict_id": id_blob(drawn.verdict_id.row()),
            ":photo_id": id_blob(drawn.photo_id.row()),
            ":first_by": id_blob(drawn.first_by.row()),
            ":first_decision": decision_name(drawn.first),
            ":drawn_at": drawn.drawn_at.0,
            ":second_by": second.map(|look| id_blob(look.by.row())),
            ":second_decision": second.map(|look| decision_name(look.decision)),
            ":reason": second.and_then(|look| look.reason.as_deref()),
            ":note": second.map(|look| look.note.as_str()),
            ":looked_at": second.map(|look| look.at.0),
        };
        self.execute(include_str!("reviews/put_drawn.sql"), params)?;
        Ok(())
    }

    fn end_draws(&mut self, photo: PhotoId) -> Result<(), StoreError> {
        self.execute("DELETE FROM second_looks WHERE photo_id = ? AND second_by IS NULL", [id_blob(photo.row())])?;
        Ok(())
    }

    fn note_sight(&mut self, verdict: VerdictId, user: UserId, at: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO verdict_sights (verdict_id, user_id, seen_at) VALUES (?, ?, ?) \
                   ON CONFLICT (verdict_id, user_id) DO NOTHING";
        self.execute(sql, params![id_blob(verdict.row()), id_blob(user.row()), at.0])?;
        Ok(())
    }
}

impl SqliteTxn<'_> {
    /// Every row of an answer.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: &[(&str, &dyn ToSql)],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(sql_error)?;
        let found = statement.query_map(params, read);
        found.and_then(Iterator::collect).map_err(sql_error)
    }
}

fn read_claim(row: &Row<'_>) -> rusqlite::Result<Claim> {
    Ok(Claim {
        photo_id: PhotoId(id(row, "photo_id")?),
        user_id: UserId(id(row, "user_id")?),
        claimed_at: Timestamp(row.get("claimed_at")?),
        until: Timestamp(row.get("until_at")?),
    })
}

fn read_drawn(row: &Row<'_>) -> rusqlite::Result<Drawn> {
    let second_by: Option<[u8; 16]> = row.get("second_by")?;
    let look = |by: [u8; 16]| -> rusqlite::Result<SecondLook> {
        Ok(SecondLook {
            by: UserId(Uuid::from_bytes(by)),
            decision: parsed(row, "second_decision", decision_of)?,
            reason: row.get("reason")?,
            note: row.get("note")?,
            at: Timestamp(row.get("looked_at")?),
        })
    };
    Ok(Drawn {
        verdict_id: VerdictId(id(row, "verdict_id")?),
        photo_id: PhotoId(id(row, "photo_id")?),
        first_by: UserId(id(row, "first_by")?),
        first: parsed(row, "first_decision", decision_of)?,
        drawn_at: Timestamp(row.get("drawn_at")?),
        second: second_by.map(look).transpose()?,
    })
}

fn decision_name(decision: VerdictDecision) -> &'static str {
    match decision {
        VerdictDecision::Approved => "approved",
        VerdictDecision::Rejected => "rejected",
        VerdictDecision::Withdrawn => "withdrawn",
    }
}

fn decision_of(name: &str) -> Option<VerdictDecision> {
    match name {
        "approved" => Some(VerdictDecision::Approved),
        "rejected" => Some(VerdictDecision::Rejected),
        "withdrawn" => Some(VerdictDecision::Withdrawn),
        _ => None,
    }
}
