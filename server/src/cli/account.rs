//! `storewalk create-account`.

use std::io::BufRead;

use anyhow::{Context, bail};
use clap::Args;
use secrecy::SecretString;
use storewalk_domain::{
    ids::{DealerId, RowId, TerritoryId, UserId},
    outlet::Role,
    sync::{Row, Table},
};

use crate::{
    admin::{NewAccount, create_account},
    config::Config,
    state::AppState,
    store::StoreError,
};

/// Arguments of `storewalk create-account`.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// Login name; an account that has it is changed.
    #[arg(long)]
    login: String,
    /// Staff code, such as `R001`.
    #[arg(long)]
    code: String,
    /// Name as colleagues see it.
    #[arg(long)]
    name: String,
    /// `rep`, `dealer`, `supervisor` or `admin`.
    #[arg(long, value_parser = role)]
    role: Role,
    /// Code of a territory the person works in; may be given several times.
    #[arg(long = "territory")]
    territories: Vec<String>,
    /// Code of a dealer the person acts for; may be given several times.
    #[arg(long = "dealer")]
    dealers: Vec<String>,
    /// Code of the region a supervisor watches.
    #[arg(long)]
    region: Option<String>,
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| "one of rep, dealer, supervisor, admin".to_owned())
}

/// Adds or changes the account. The password comes from `STOREWALK_PASSWORD` or the first line of standard input:
/// never from the command line, which other users of the machine can read.
pub(super) async fn create(config: Config, args: AccountArgs) -> anyhow::Result<()> {
    let password = password()?;
    let state = AppState::open(config)?;
    let territories = ids_of(&state, Table::Territories, args.territories).await?;
    let dealers = ids_of(&state, Table::Dealers, args.dealers).await?;
    let login = args.login.trim().to_lowercase();
    let known = state.store.read(move |snapshot| snapshot.account_by_login(&login)).await?;
    let new = NewAccount {
        user_id: known.map_or_else(|| UserId(state.new_id()), |known| known.user_id),
        login: args.login,
        password,
        code: args.code,
        name: args.name,
        role: args.role,
        territories: territories.into_iter().map(TerritoryId::from).collect(),
        dealers: dealers.into_iter().map(DealerId::from).collect(),
        region_code: args.region,
    };
    Ok(create_account(&state, new).await?)
}

fn password() -> anyhow::Result<SecretString> {
    if let Ok(password) = std::env::var("STOREWALK_PASSWORD") {
        return Ok(password.into());
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}

/// The rows of a table that have these codes.
async fn ids_of(state: &AppState, table: Table, codes: Vec<String>) -> anyhow::Result<Vec<RowId>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = state.store.read::<_, StoreError>(move |snapshot| snapshot.rows_of(table)).await?;
    let find = |code: &String| {
        let found = rows.iter().find(|row| code_of(row) == Some(code));
        let Some(row) = found else { bail!("find the code {code} in {}", table.name()) };
        Ok(row.id())
    };
    codes.iter().map(find).collect()
}

fn code_of(row: &Row) -> Option<&String> {
    match row {
        Row::Territory(territory) => Some(&territory.code),
        Row::Dealer(dealer) => Some(&dealer.code),
        _ => None,
    }
}
