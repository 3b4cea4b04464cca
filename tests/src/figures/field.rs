//! A field-like world of any size behind a real socket: outlets, their plans, visits and tasks, and a price book.

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use storewalk_client::{Config as PhoneConfig, Phone};
use storewalk_domain::{
    ids::{TerritoryId, UserId, derived},
    outlet::Role,
    sync::{Row, Table},
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    serve_on,
};
use uuid::Uuid;

use crate::world;

/// Rows put in one transaction.
const CHUNK: usize = 5_000;

/// The login of whoever reads.
const LOGIN: &str = "figures";

/// A name space for the ids of this world.
const SPACE: Uuid = Uuid::from_u128(0x46_69_67_75_72_65_73);

/// A server with its world.
pub struct Field {
    /// Where it listens.
    pub url: String,
    state: AppState,
}

impl Field {
    /// A server with a world of rows in one territory, which one rep may read.
    ///
    /// # Errors
    /// When the folder or the socket cannot be used, or a row is none.
    pub async fn open(dir: &Path, territory: &str, rows: usize) -> anyhow::Result<Self> {
        let mut config = Config::default();
        config.storage.data_dir = dir.to_path_buf();
        let state = AppState::open(config)?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        tokio::spawn(serve_on(listener, state.clone(), std::future::pending()));
        let field = Self { url, state };
        field.load(territory, rows).await?;
        field.grant(&[territory]).await?;
        Ok(field)
    }

    /// Puts a world of rows into a territory.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(&self, territory: &str, count: usize) -> anyhow::Result<()> {
        let rows = rows(territory, count)?;
        for chunk in rows.chunks(CHUNK) {
            load_rows(&self.state, chunk.to_vec()).await.context("load the world")?;
        }
        Ok(())
    }

    /// Lets the rep read these territories.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn grant(&self, territories: &[&str]) -> anyhow::Result<()> {
        let account = NewAccount {
            user_id: UserId(id("user", 0)),
            login: LOGIN.to_owned(),
            password: world::PASSWORD.into(),
            code: "R900".to_owned(),
            name: "R900".to_owned(),
            role: Role::Rep,
            territories: territories.iter().map(|name| territory_id(name)).collect(),
            dealers: vec![],
            region_code: Some(world::REGION.to_owned()),
        };
        create_account(&self.state, account).await.map_err(|error| anyhow::anyhow!("create the account: {error}"))
    }

    /// A new phone, signed in, that has not synced.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn phone(&self, dir: &Path) -> anyhow::Result<Phone> {
        new_phone(&self.url, dir).await
    }
}

/// A new phone, signed in at the server of a field, that has not synced.
///
/// # Errors
/// When it cannot be set up.
pub async fn new_phone(url: &str, dir: &Path) -> anyhow::Result<Phone> {
    let phone = Phone::open(PhoneConfig::new(dir, url))?.phone;
    phone.sign_in(LOGIN, world::PASSWORD).await?;
    Ok(phone)
}

fn territory_id(name: &str) -> TerritoryId {
    TerritoryId(id(name, 0))
}

fn id(kind: &str, number: usize) -> Uuid {
    derived(SPACE, &format!("{kind}/{number}"))
}

/// An id as a phone mints it: time first, then chance.
fn minted(kind: &str, number: usize) -> Uuid {
    let at = 1_741_000_000_000_u128 + 20_000 * number as u128;
    let chance = id(kind, number).as_u128() & ((1 << 80) - 1);
    Uuid::from_u128(at << 80 | chance & !(0xF << 76) | 0x7 << 76)
}

/// The outlet whose history a screen shows: 50 visits.
pub fn watched_outlet(territory: &str) -> Uuid {
    id(&format!("{territory}/outlet"), 0)
}

/// `count` rows of a territory and the organisation's price book: of ten rows two are outlets, one a plan, two visits,
/// one a task, four are prices.
///
/// # Errors
/// When a row is none: a fault of this file.
pub fn rows(territory: &str, count: usize) -> anyhow::Result<Vec<Row>> {
    let read = |number| {
        let (table, fields) = row(territory, number);
        Row::from_json(table, fields).with_context(|| format!("make a row of {}", table.name()))
    };
    (0..count).map(read).collect()
}

fn row(territory: &str, number: usize) -> (Table, Value) {
    let (group, place) = (number / 10, number % 10);
    let of = |kind: &str| format!("{territory}/{kind}");
    let outlet = |number| id(&of("outlet"), number);
    // The first visits are all of the first outlet: a screen's worth of history.
    let visited = if group < 25 { 0 } else { group * 2 };
    let territory_id = territory_id(territory).0;
    let county = id("county", group % 10);
    match place {
        0 | 1 => (Table::Outlets, outlet_row(outlet(group * 2 + place), group * 2 + place, county, territory_id)),
        2 => (
            Table::CallPlans,
            json!({
                "id": id(&of("plan"), group), "outlet_id": outlet(group * 2), "territory_id": territory_id,
                "rrule": "FREQ=WEEKLY;BYDAY=MO,TH", "starts_on": "2025-03-03", "position": group % 12,
            }),
        ),
        3 | 4 => (
            Table::Visits,
            json!({
                "id": minted(&of("visit"), group * 2 + place), "outlet_id": outlet(visited), "county_id": county,
                "territory_id": territory_id, "rep_id": id("user", 0),
                "visited_on": format!("2025-{:02}-{:02}", 1 + group % 3, 1 + group % 28), "status": "skipped",
                "goals": [], "steps": [], "skip_reason": "shop_closed",
            }),
        ),
        5 => (
            Table::Tasks,
            json!({
                "id": minted(&of("task"), group), "outlet_id": outlet(group * 2), "territory_id": territory_id,
                "kind": "open_point", "params": {}, "note": format!("第{group}号灯箱不亮，请联系物业"),
                "owner_id": id("user", 0), "due_on": "2025-03-20", "proof": "word", "status": "open",
                "raised_at": 1_741_000_000_000_i64 + 60_000 * i64::try_from(group).unwrap_or_default(),
            }),
        ),
        _ => (
            Table::Prices,
            json!({
                "id": id(&of("price"), number), "price_list_id": id("list", number % 40),
                "product_id": id("product", number % 1_250),
                "unit_price": format!("{}.{:02}", 20 + number % 1_700, number % 100),
            }),
        ),
    }
}

fn outlet_row(id: Uuid, number: usize, county: Uuid, territory: Uuid) -> Value {
    const NAMES: [&str; 8] = ["幸福路", "光谷", "东湖", "沙河镇", "解放大道", "建设二路", "汉阳门", "古田"];
    const KINDS: [&str; 5] = ["手机城", "数码", "家电", "通讯店", "电器行"];
    let wobble = |step: f64| f64::from(u16::try_from(number * 7_919 % 60_000).unwrap_or_default()) * step;
    json!({
        "id": id, "code": format!("S{number:05}"),
        "name": format!("{}{}{number}号店", NAMES[number % 8], KINDS[number % 5]), "class": (["A", "B", "C"][number % 3]),
        "county_id": county, "territory_id": territory,
        "address": format!("江城市{}{}号", NAMES[(number / 8) % 8], number % 900),
        "position": { "lat": 30.3 + wobble(0.000_01), "lon": 114.1 + wobble(0.000_013), "datum": "WGS-84" },
        "fence_m": 150, "decision_maker": "陈经理", "phone": format!("027-8{:07}", number * 13 % 10_000_000),
        "zone": "Asia/Shanghai", "is_active": true,
    })
}
