//! The demo world, loaded into a server.

use anyhow::Context;
use storewalk_domain::sync::Row;
use storewalk_server::{
    AppState,
    admin::{NewAccount, create_account, load_rows},
};

use crate::world;

/// Loads the whole demo world into a server: its rows, and everybody who can sign in.
///
/// # Errors
/// When the server refuses or its store fails.
pub async fn load_world(state: &AppState) -> anyhow::Result<()> {
    load_with(state, world::rows()).await
}

/// Loads other rows, and everybody of the demo world who can sign in.
///
/// # Errors
/// When the server refuses or its store fails.
pub async fn load_with(state: &AppState, rows: Vec<Row>) -> anyhow::Result<()> {
    load_rows(state, rows).await.context("load the rows")?;
    for account in world::ACCOUNTS {
        let new = NewAccount {
            user_id: world::user(account.login),
            login: account.login.to_owned(),
            password: world::PASSWORD.into(),
            code: account.code.to_owned(),
            name: account.name.to_owned(),
            role: account.role,
            territories: account.territories(),
            dealers: account.dealers(),
            region_code: Some(world::REGION.to_owned()),
        };
        create_account(state, new).await.map_err(|error| anyhow::anyhow!("create {}: {error}", account.login))?;
    }
    Ok(())
}
