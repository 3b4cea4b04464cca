//! The photo wall of the console with many photos: how long its pages take to be made and sent.

use anyhow::{Context, ensure};
use storewalk_domain::{
    ids::{OutletId, PhotoId, TerritoryId, UserId, VisitId, derived},
    outlet::Role,
    photo::{Photo, PhotoStatus},
    sync::{Row, Table},
    time::Timestamp,
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
    serve_on,
};
use uuid::Uuid;

use super::{tell, timed_async};
use crate::{demo::console::Console, world};

/// How often each page is asked for.
const TIMES: usize = 200;

/// A name space for the ids of this wall.
const SPACE: Uuid = Uuid::from_u128(0x57_61_6c_6c);

/// Measures and prints.
///
/// # Errors
/// When the server cannot be set up, or a page is not the one that was asked for.
pub async fn measure(count: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut config = Config::default();
    config.storage.data_dir = folder.path().to_path_buf();
    let state = AppState::open(config)?;
    let mut rows = world::rows();
    rows.extend(photos(&rows, count)?);
    for chunk in rows.chunks(2_000) {
        load_rows(&state, chunk.to_vec()).await.context("load the wall")?;
    }
    let account = NewAccount {
        user_id: UserId(derived(SPACE, "reviewer")),
        login: "wall".to_owned(),
        password: world::PASSWORD.into(),
        code: "W1".to_owned(),
        name: "W1".to_owned(),
        role: Role::Supervisor,
        territories: Vec::new(),
        dealers: Vec::new(),
        region_code: Some(world::REGION.to_owned()),
    };
    create_account(&state, account).await.map_err(|error| anyhow::anyhow!("create the account: {error}"))?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(serve_on(listener, state.clone(), std::future::pending()));

    let browser = Console::sign_in(&url, "wall", world::PASSWORD).await?;
    tell(&format!("the console with {count} photos, {TIMES} times each, over loopback"));
    let far = far_back(&browser, 99).await?;
    for (name, path) in [
        ("what waits", "/console/photos"),
        ("all, 100th part", &far),
        ("all, first page", "/console/photos?state=all"),
        ("one outlet", "/console/photos?state=all&outlet=S0101"),
        ("one photo", &format!("/console/photos/{}", derived(SPACE, "photo/0"))),
        ("review queue", "/console/review"),
        ("queue by signals", "/console/review?rule=risk&least=1"),
    ] {
        let (mut times, mut bytes) = (Vec::with_capacity(TIMES), 0);
        for _ in 0..TIMES {
            let (body, ms) = timed_async(browser.page(path)).await?;
            ensure!(body.contains("</html>"), "{path} is no page");
            bytes = body.len();
            times.push(ms);
        }
        times.sort_by(f64::total_cmp);
        let (p50, p95) = (times[TIMES / 2], times[TIMES * 95 / 100]);
        let weight = bytes.div_ceil(1_024);
        tell(&format!("  {name:<18} p50 {p50:>7.2} ms   p95 {p95:>7.2} ms   {weight:>4} KiB of HTML"));
    }
    Ok(())
}

/// The address of the wall of all photos so many parts behind its start.
async fn far_back(browser: &Console, parts: usize) -> anyhow::Result<String> {
    let mut address = "/console/photos?state=all".to_owned();
    for _ in 0..parts {
        let body = browser.page(&address).await?;
        let Some((_, rest)) = body.split_once("rel=\"next\" href=\"") else { break };
        let next = rest.split_once('"').context("an address")?.0;
        address = next.replace("&#38;", "&").replace("&amp;", "&");
    }
    Ok(address)
}

/// Photos of one outlet after another; one in four waits.
fn photos(rows: &[Row], count: usize) -> anyhow::Result<Vec<Row>> {
    let outlets: Vec<(OutletId, TerritoryId)> = rows
        .iter()
        .filter(|row| row.table() == Table::Outlets)
        .filter_map(|row| match row {
            Row::Outlet(outlet) => Some((outlet.id, outlet.territory_id)),
            _ => None,
        })
        .collect();
    ensure!(!outlets.is_empty(), "the world has no outlet");
    let zones = ["storefront", "product_zone", "aisle", "price_tag", "pop_wall"];
    let photo = |number: usize| {
        let (outlet_id, territory_id) = outlets[number % outlets.len()];
        let status = [PhotoStatus::Received, PhotoStatus::Approved, PhotoStatus::Rejected, PhotoStatus::Approved];
        let at = Timestamp(1_741_000_000_000 + 60_000 * i64::try_from(number).unwrap_or(0));
        let id = derived(SPACE, &format!("photo/{number}"));
        Row::from(Photo {
            id: PhotoId(id),
            visit_id: VisitId(derived(SPACE, &format!("visit/{}", number / 5))),
            outlet_id,
            territory_id,
            rep_id: UserId(derived(SPACE, "rep")),
            zone: zones[number % zones.len()].to_owned(),
            sha256: id.simple().to_string().repeat(2),
            size_bytes: 300_000,
            width: 1_600,
            height: 1_200,
            taken_at: at,
            status: status[number % status.len()],
            received_at: Some(at),
            replaces: None,
            replaced_by: None,
            task_id: None,
            verdict_id: None,
            captured: None,
            guest_id: None,
            seen: None,
            signals: None,
        })
    };
    Ok((0..count).map(photo).collect())
}
