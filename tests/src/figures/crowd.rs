//! An organisation as large as a figure needs: territories with outlets, a rep for every phone.

use std::path::Path;

use anyhow::Context;
use storewalk_domain::{
    ids::{CountyId, OutletId, TerritoryId, UserId},
    outlet::{County, Outlet, OutletClass, Role, Territory},
    sync::{Entity, Row},
    text::Localized,
};
use storewalk_server::{
    AppState, Config,
    admin::{NewAccount, create_account, load_rows},
};
use uuid::Uuid;

/// Everybody's password.
pub(super) const PASSWORD: &str = "as long as it must be";

const REGION: &str = "r1";

/// How large.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) territories: u32,
    pub(super) outlets_each: u32,
    pub(super) reps_each: u32,
}

pub(super) fn login(territory: u32, rep: u32) -> String {
    format!("rep{territory}-{rep}")
}

pub(super) fn outlet(territory: u32, number: u32) -> OutletId {
    OutletId(id(3, territory, number))
}

fn id(kind: u128, territory: u32, number: u32) -> Uuid {
    // Spread like ids of the real world, the same in every run.
    storewalk_domain::ids::derived(Uuid::from_u128(kind), &format!("{territory}/{number}"))
}

/// Lays the organisation into a server's folder.
///
/// # Errors
/// When it cannot be written.
pub(super) async fn found(folder: &Path, size: Size) -> anyhow::Result<()> {
    let mut config = Config::default();
    config.storage.data_dir = folder.to_path_buf();
    (config.auth.argon2_memory_kib, config.auth.argon2_passes) = (8, 1);
    let state = AppState::open(config)?;
    let county = CountyId(id(1, 0, 0));
    let name = Localized::same("C");
    load_rows(&state, vec![County { id: county, code: "C".into(), name, region_code: REGION.into() }.into()]).await?;
    let an_outlet = crate::world::rows().into_iter().find_map(Outlet::from_row).context("an outlet to go by")?;
    let base = Outlet { gln: None, position: None, ..an_outlet };
    for territory in 0..size.territories {
        let of = TerritoryId(id(2, territory, 0));
        let mut rows: Vec<Row> = vec![
            Territory {
                id: of,
                code: format!("T{territory}"),
                name: Localized::same(format!("T{territory}")),
                region_code: REGION.into(),
            }
            .into(),
        ];
        rows.extend((0..size.outlets_each).map(|number| Row::from(outlet_row(&base, county, of, territory, number))));
        load_rows(&state, rows).await.context("load the rows")?;
        for rep in 0..size.reps_each {
            let login = login(territory, rep);
            let new = NewAccount {
                user_id: UserId(id(4, territory, rep)),
                code: login.to_uppercase(),
                name: login.clone(),
                login,
                password: PASSWORD.into(),
                role: Role::Rep,
                territories: vec![of],
                dealers: Vec::new(),
                region_code: Some(REGION.to_owned()),
            };
            create_account(&state, new).await.map_err(|error| anyhow::anyhow!("create an account: {error}"))?;
        }
    }
    Ok(())
}

fn outlet_row(base: &Outlet, county: CountyId, territory_id: TerritoryId, territory: u32, number: u32) -> Outlet {
    const STREETS: [&str; 6] = ["人民路", "中山路", "解放路", "建设街", "和平街", "长江路"];
    let street = STREETS[number as usize % STREETS.len()];
    Outlet {
        id: outlet(territory, number),
        code: format!("S{territory:02}{number:05}"),
        name: format!("{street}通讯店 {number}"),
        class: [OutletClass::A, OutletClass::B, OutletClass::C][number as usize % 3],
        county_id: county,
        territory_id,
        address: format!("江城{street}{}号", number * 7 % 998 + 1),
        decision_maker: format!("店长{}", number % 97),
        phone: format!("139{:08}", u64::from(number) * 7_919 % 100_000_000),
        ..base.clone()
    }
}
