//! What the office does to everybody's scope: hands territories and outlets over, lets two share one, gives them back.

use storewalk_domain::{
    ids::{CommandId, DealerId, TerritoryId},
    outlet::{CallPlan, Outlet},
    sync::{Command, Entity, Row, Table},
};
use storewalk_server::{
    AppState,
    admin::{NewAccount, create_account, load_rows},
    service::execute,
    store::StoreRead,
};
use storewalk_wire::CommandVerdict;

use super::{desk, rng::Rng, server::Server, trace::Trace, world as small};
use crate::world::{self, Account};

/// The reps whose scopes change.
const REPS: [&str; 2] = ["liwen", "wangqiang"];

/// The territories that change hands.
const TERRITORIES: [&str; 2] = ["T1", "T2"];

/// Changes who sees what, in one way or another.
pub fn act(server: &Server, rng: &mut Rng, trace: &Trace) {
    let (mut rng, trace) = (rng.fork(rng.clone().next()), trace.clone());
    server.act(move |state| async move {
        match rng.below(10) {
            0..=2 => hand_territory_over(&state, &mut rng, &trace).await,
            3..=5 => move_outlet(&state, &mut rng, &trace).await,
            6..=8 => redraw(&state, &mut rng, &trace).await,
            _ => as_it_was(&state, &trace).await,
        }
    });
}

/// A whole territory goes from whoever has it to one rep.
pub async fn hand_territory_over(state: &AppState, rng: &mut Rng, trace: &Trace) {
    let (Some(territory), Some(successor)) = (rng.pick(&TERRITORIES), rng.pick(&REPS)) else { return };
    let args = serde_json::json!({
        "territory_id": world::territory(territory), "to_user_id": world::user(successor), "reason": "换线",
    });
    trace.note("office", &format!("{territory} goes to {successor}"));
    command(state, rng, "territory.reassign", args, trace).await;
}

/// A whole territory goes to another rep, once.
pub fn hand_over_at_rest(server: &Server, rng: &mut Rng, trace: &Trace) {
    let (mut rng, trace) = (rng.fork(rng.clone().next()), trace.clone());
    server.act(move |state| async move { hand_territory_over(&state, &mut rng, &trace).await });
}

async fn move_outlet(state: &AppState, rng: &mut Rng, trace: &Trace) {
    let outlets = state.store.read(|snapshot: &dyn StoreRead| snapshot.rows_of(Table::Outlets)).await;
    let outlets: Vec<Outlet> = outlets.unwrap_or_default().into_iter().filter_map(Outlet::from_row).collect();
    let (Some(outlet), Some(territory)) = (rng.pick(&outlets), rng.pick(&TERRITORIES)) else { return };
    let territory_id = world::territory(territory);
    trace.note("office", &format!("{} goes to {territory}", outlet.code));
    if rng.chance(30) {
        return import(state, outlet, territory_id, trace).await;
    }
    let args = serde_json::json!({ "outlet_id": outlet.id, "territory_id": territory_id, "reason": "就近" });
    command(state, rng, "outlet.reassign", args, trace).await;
}

/// The same as an import does it: the rows of master data change, nothing else is said.
async fn import(state: &AppState, outlet: &Outlet, territory_id: TerritoryId, trace: &Trace) {
    let id = outlet.id;
    let plans = state.store.read(|snapshot: &dyn StoreRead| snapshot.rows_of(Table::CallPlans)).await;
    let plans = plans.unwrap_or_default().into_iter().filter_map(CallPlan::from_row);
    let mut rows: Vec<Row> = vec![Outlet { territory_id, ..outlet.clone() }.into()];
    rows.extend(plans.filter(|plan| plan.outlet_id == id).map(|plan| CallPlan { territory_id, ..plan }.into()));
    if let Err(error) = load_rows(state, rows).await {
        trace.note("office", &format!("not imported: {error}"));
    }
}

/// An administrator draws one rep's scope anew, at random.
async fn redraw(state: &AppState, rng: &mut Rng, trace: &Trace) {
    let Some(account) = rng.pick(&REPS).and_then(|login| account_of(login)) else { return };
    let territories: Vec<&str> = TERRITORIES.iter().copied().filter(|_| rng.chance(50)).collect();
    let dealers: Vec<&str> = ["D01", "D02"].into_iter().filter(|_| rng.chance(40)).collect();
    trace.note("office", &format!("{} has {territories:?} and {dealers:?}", account.login));
    let territories = territories.into_iter().map(world::territory).collect();
    let dealers = dealers.into_iter().map(world::dealer).collect();
    give(state, &account, territories, dealers, trace).await;
}

/// Everybody has again what they had at the beginning.
async fn as_it_was(state: &AppState, trace: &Trace) {
    trace.note("office", "as it was");
    for account in REPS.into_iter().filter_map(account_of) {
        give(state, &account, account.territories(), account.dealers(), trace).await;
    }
}

async fn give(
    state: &AppState,
    account: &Account,
    territories: Vec<TerritoryId>,
    dealers: Vec<DealerId>,
    trace: &Trace,
) {
    let new = NewAccount {
        user_id: world::user(account.login),
        login: account.login.to_owned(),
        password: world::PASSWORD.into(),
        code: account.code.to_owned(),
        name: account.name.to_owned(),
        role: account.role,
        territories,
        dealers,
        region_code: Some(world::REGION.to_owned()),
    };
    if let Err(error) = create_account(state, new).await {
        trace.note("office", &format!("not given: {error}"));
    }
}

async fn command(state: &AppState, rng: &mut Rng, kind: &str, args: serde_json::Value, trace: &Trace) {
    let command: Command = match serde_json::from_value(serde_json::json!({ "kind": kind, "args": args })) {
        Ok(command) => command,
        Err(error) => return trace.note("office", &format!("{kind}: {error}")),
    };
    let command_id = CommandId(desk::id(rng));
    match execute(state, world::user(small::SUPERVISOR), command, command_id).await {
        Ok(CommandVerdict::Refused { problems }) => {
            let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
            trace.note("office", &format!("{kind}: refused, {}", codes.join(", ")));
        }
        Ok(_) => trace.note("office", &format!("{kind}: done")),
        Err(error) => trace.note("office", &format!("{kind}: {error}")),
    }
}

fn account_of(login: &str) -> Option<Account> {
    world::ACCOUNTS.into_iter().find(|account| account.login == login)
}
