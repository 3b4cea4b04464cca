//! The console's questions in SQL.

mod day;
mod photos;

#[cfg(test)]
mod tests;

use rusqlite::named_params;
use storewalk_domain::{
    ids::{DeviceId, OutletId, PhotoId, TerritoryId, UserId},
    order::{Order, OrderStatus},
    outlet::{Handover, Outlet},
    photo::Photo,
    time::{BusinessDate, Timestamp, Zone},
    visit::Visit,
};
use storewalk_sqlite::{id_blob, select};

use super::{SqliteTxn, sql_error, store_error, values::id};
use crate::store::{
    Attention, Chain, ConsoleRead, Day, Device, OrderFilter, Page, PhotoFilter, Posting, Slice, StoreError, WallEdge,
    WallPart,
};

impl ConsoleRead for SqliteTxn<'_> {
    fn day(&self, region: Option<&str>, date: BusinessDate, zone: Zone) -> Result<Day, StoreError> {
        day::read(self.0, region, date, zone)
    }

    fn postings(&self, region: Option<&str>) -> Result<Vec<Posting>, StoreError> {
        let mut statement = self.0.prepare_cached(include_str!("postings.sql")).map_err(sql_error)?;
        let found = statement.query_map(named_params! { ":region": region }, |row| {
            Ok(Posting { user_id: UserId(id(row, "user_id")?), territory_id: TerritoryId(id(row, "scope_id")?) })
        });
        found.and_then(Iterator::collect).map_err(sql_error)
    }

    fn wall(&self, filter: &PhotoFilter, edge: WallEdge, limit: u32) -> Result<WallPart, StoreError> {
        photos::wall(self.0, filter, edge, limit)
    }

    fn wall_ids(&self, filter: &PhotoFilter, limit: u32) -> Result<Vec<PhotoId>, StoreError> {
        photos::wall_ids(self.0, filter, limit)
    }

    fn photo_count(&self, filter: &PhotoFilter) -> Result<u32, StoreError> {
        photos::count(self.0, filter)
    }

    fn waiting_count(&self, region: Option<&str>) -> Result<u32, StoreError> {
        photos::waiting_count(self.0, region)
    }

    fn beside_in_queue(&self, filter: &PhotoFilter, photo: &Photo) -> Result<[Option<PhotoId>; 2], StoreError> {
        photos::beside(self.0, filter, photo)
    }

    fn chain(&self, photo: PhotoId) -> Result<Chain, StoreError> {
        photos::chain(self.0, photo)
    }

    fn outlet_by_code(&self, code: &str) -> Result<Option<OutletId>, StoreError> {
        let sql = "SELECT id FROM outlets WHERE code = upper(?1) OR code = ?1 ORDER BY code LIMIT 1";
        self.query(sql, [code], |row| Ok(OutletId(id(row, "id")?)))
    }

    fn orders(&self, filter: &OrderFilter, slice: Slice) -> Result<Page<Order>, StoreError> {
        const CHOSEN: &str = "WHERE (:status IS NULL OR status = :status) AND (:dealer IS NULL OR dealer_id = :dealer)";
        let status = filter.status.map(status_name);
        let dealer = filter.dealer.map(|dealer| id_blob(dealer.row()));
        let count = format!("SELECT count(*) FROM orders {CHOSEN}");
        let total = self.query(&count, named_params! { ":status": status, ":dealer": dealer }, |row| row.get(0))?;
        let tail = format!(
            "{CHOSEN} ORDER BY status NOT IN ('held', 'awaiting_confirmation'), placed_at DESC, id \
             LIMIT :limit OFFSET :offset"
        );
        let params = named_params! {
            ":status": status, ":dealer": dealer, ":limit": slice.limit, ":offset": slice.offset,
        };
        let items = select(self.0, &tail, params).map_err(store_error)?;
        Ok(Page { items, total: total.unwrap_or(0) })
    }

    fn handovers(&self, region: Option<&str>, slice: Slice) -> Result<Vec<Handover>, StoreError> {
        let tail = "WHERE :region IS NULL OR EXISTS (
                        SELECT 1 FROM json_each(handovers.regions) WHERE value = :region)
                    ORDER BY decided_at DESC, id LIMIT :limit OFFSET :offset";
        let params = named_params! { ":region": region, ":limit": slice.limit, ":offset": slice.offset };
        select(self.0, tail, params).map_err(store_error)
    }

    fn outlets(&self, region: Option<&str>) -> Result<Vec<Outlet>, StoreError> {
        let tail = "WHERE :region IS NULL OR territory_id IN (
                        SELECT id FROM territories WHERE region_code = :region) ORDER BY id";
        select(self.0, tail, named_params! { ":region": region }).map_err(store_error)
    }

    fn last_visits(&self, region: Option<&str>) -> Result<Vec<Visit>, StoreError> {
        select(self.0, include_str!("last_visits.sql"), named_params! { ":region": region }).map_err(store_error)
    }

    fn attention(&self, region: Option<&str>) -> Result<Attention, StoreError> {
        let refusals = select(self.0, include_str!("refusals.sql"), named_params! { ":region": region });
        Ok(Attention { refusals: refusals.map_err(store_error)?, devices: self.devices(region)? })
    }
}

impl SqliteTxn<'_> {
    fn devices(&self, region: Option<&str>) -> Result<Vec<Device>, StoreError> {
        let mut statement = self.0.prepare_cached(include_str!("devices.sql")).map_err(sql_error)?;
        let found = statement.query_map(named_params! { ":region": region }, |row| {
            Ok(Device {
                id: DeviceId(id(row, "id")?),
                user_id: UserId(id(row, "user_id")?),
                number: row.get("number")?,
                name: row.get("name")?,
                platform: row.get("platform")?,
                app_version: row.get("app_version")?,
                enrolled_at: Timestamp(row.get("enrolled_at")?),
                last_seen_at: row.get::<_, Option<i64>>("last_seen_at")?.map(Timestamp),
                is_revoked: row.get("is_revoked")?,
                health: row.get::<_, Option<String>>("health")?.and_then(|text| serde_json::from_str(&text).ok()),
            })
        });
        found.and_then(Iterator::collect).map_err(sql_error)
    }
}

/// The name of a state as the rows keep it.
fn status_name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Accepted => "accepted",
        OrderStatus::Held => "held",
        OrderStatus::AwaitingConfirmation => "awaiting_confirmation",
        OrderStatus::Cancelled => "cancelled",
    }
}
