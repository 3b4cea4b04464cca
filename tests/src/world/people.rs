//! Who can sign in.

use storewalk_domain::{
    ids::{DealerId, TerritoryId},
    outlet::{Person, Role},
    sync::Row,
};

use super::{dealer, territory, user};

/// Everybody's password in the demo world.
pub const PASSWORD: &str = "qiming-2025";

/// Somebody who can sign in.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Login name.
    pub login: &'static str,
    /// Staff code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Role.
    pub role: Role,
    territories: &'static [&'static str],
    dealers: &'static [&'static str],
}

impl Account {
    /// The territories they work in.
    pub fn territories(&self) -> Vec<TerritoryId> {
        self.territories.iter().map(|code| territory(code)).collect()
    }

    /// The dealers they act for.
    pub fn dealers(&self) -> Vec<DealerId> {
        self.dealers.iter().map(|code| dealer(code)).collect()
    }
}

/// Everybody who can sign in.
pub const ACCOUNTS: [Account; 5] = [
    Account { login: "liwen", code: "R001", name: "李雯", role: Role::Rep, territories: &["T1"], dealers: &["D01"] },
    Account { login: "wangqiang", code: "R002", name: "王强", role: Role::Rep, territories: &["T2"], dealers: &[] },
    Account { login: "zhaomin", code: "S001", name: "赵敏", role: Role::Supervisor, territories: &[], dealers: &[] },
    Account {
        login: "jiangbei",
        code: "D01",
        name: "江北商贸",
        role: Role::Dealer,
        territories: &[],
        dealers: &["D01"],
    },
    Account {
        login: "nanan", code: "D02", name: "南岸通讯", role: Role::Dealer, territories: &[], dealers: &["D02"]
    },
];

pub(super) fn rows() -> Vec<Row> {
    let person = |account: &Account| Person {
        id: user(account.login),
        code: account.code.to_owned(),
        name: account.name.to_owned(),
        role: account.role,
    };
    ACCOUNTS.iter().map(person).map(Row::from).collect()
}
