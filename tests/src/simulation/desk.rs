//! What the supervisor does meanwhile: judges photos, records payments, calls orders off, raises and closes tasks.

use storewalk_domain::{
    dealer::{Dealer, Payment},
    ids::{CommandId, PaymentId, TaskId, UserId, VerdictId},
    money::{Currency, Money},
    order::{Ledger, Order, OrderStatus, exposure},
    outlet::Outlet,
    photo::{Photo, PhotoStatus, Pin, VerdictDecision},
    sync::{CancelOrder, CloseTask, Command, Entity, Find, RaiseTask, RecordPayment, ReviewPhoto, StateExt, Table},
    task::{Task, TaskStatus},
    time::Zone,
};
use storewalk_server::{
    AppState,
    service::execute,
    store::{StoreError, StoreRead},
};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use super::{rng::Rng, server::Server, trace::Trace, world as small};
use crate::world;

/// Lets the supervisor do one thing.
pub fn act(server: &Server, rng: &mut Rng, trace: &Trace) {
    let deed =
        rng.weighted(&[(6, Deed::Review), (3, Deed::Pay), (1, Deed::Cancel), (1, Deed::Raise), (1, Deed::Close)]);
    let Some(deed) = deed else { return };
    let (mut rng, trace) = (rng.fork(rng.clone().next()), trace.clone());
    server.act(move |state| async move {
        let choose = {
            let mut rng = rng.clone();
            move |snapshot: &dyn StoreRead| choose(snapshot, &mut rng, deed)
        };
        let chosen = state.store.read(choose).await;
        match chosen {
            Ok(Some(command)) => carry_out(&state, command, CommandId(id(&mut rng)), &trace).await,
            Ok(None) => {}
            Err(error) => trace.note("desk", &format!("{error}")),
        }
    });
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Deed {
    Review,
    Pay,
    Cancel,
    Raise,
    Close,
}

async fn carry_out(state: &AppState, command: Command, command_id: CommandId, trace: &Trace) {
    let kind = command.kind();
    let user: UserId = world::user(small::SUPERVISOR);
    match execute(state, user, command, command_id).await {
        Ok(CommandVerdict::Refused { problems }) => {
            let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
            trace.note("desk", &format!("{kind}: refused, {}", codes.join(", ")));
        }
        Ok(_) => trace.note("desk", &format!("{kind}: done")),
        Err(error) => trace.note("desk", &format!("{kind}: {error}")),
    }
}

fn choose(snapshot: &dyn StoreRead, rng: &mut Rng, deed: Deed) -> Result<Option<Command>, StoreError> {
    match deed {
        Deed::Review => review(snapshot, rng),
        Deed::Pay => pay(snapshot, rng),
        Deed::Cancel => {
            let orders: Vec<Order> = all(snapshot, Table::Orders)?;
            Ok(rng.pick(&orders).map(|order| CancelOrder { order_id: order.id }.into()))
        }
        Deed::Raise => {
            let outlets: Vec<Outlet> = all(snapshot, Table::Outlets)?;
            Ok(rng.pick(&outlets).map(|outlet| {
                let due_on = world::at("2025-03-21T08:00").date_in(Zone::SHANGHAI);
                let (task_id, note) = (TaskId(id(rng)), "请补齐价签".to_owned());
                RaiseTask { task_id, outlet_id: outlet.id, visit_id: None, note, due_on }.into()
            }))
        }
        Deed::Close => {
            let tasks: Vec<Task> = all(snapshot, Table::Tasks)?;
            let open: Vec<_> = tasks.iter().filter(|task| task.status == TaskStatus::Open).collect();
            Ok(rng.pick(&open).map(|task| CloseTask { task_id: task.id }.into()))
        }
    }
}

fn review(snapshot: &dyn StoreRead, rng: &mut Rng) -> Result<Option<Command>, StoreError> {
    let photos: Vec<Photo> = all(snapshot, Table::Photos)?;
    let Some(photo) = rng.pick(&photos) else { return Ok(None) };
    let decision = match photo.status {
        PhotoStatus::Approved | PhotoStatus::Rejected if rng.chance(70) => VerdictDecision::Withdrawn,
        _ if rng.chance(50) => VerdictDecision::Rejected,
        _ => VerdictDecision::Approved,
    };
    let entries =
        snapshot.find(Find::Handbook)?.into_iter().filter_map(storewalk_domain::handbook::HandbookEntry::from_row);
    let reasons: Vec<String> = entries
        .filter(|entry| entry.list == storewalk_domain::handbook::HandbookList::RejectReason)
        .map(|entry| entry.code)
        .collect();
    let pin = rng.chance(50).then(|| Pin { x: rng.fraction(), y: rng.fraction() });
    Ok(Some(
        ReviewPhoto {
            verdict_id: VerdictId(id(rng)),
            photo_id: photo.id,
            decision,
            reason: (decision == VerdictDecision::Rejected).then(|| rng.pick(&reasons).cloned()).flatten(),
            note: String::new(),
            pin: if decision == VerdictDecision::Rejected { pin } else { None },
            reference_photo_id: None,
            due_on: None,
        }
        .into(),
    ))
}

/// A payment of at most what the dealer owes.
fn pay(snapshot: &dyn StoreRead, rng: &mut Rng) -> Result<Option<Command>, StoreError> {
    let dealers: Vec<Dealer> = all(snapshot, Table::Dealers)?;
    let Some(dealer) = rng.pick(&dealers) else { return Ok(None) };
    let orders: Vec<Order> = snapshot.list(Find::OpenOrdersOfDealer(dealer.id))?;
    let orders: Vec<Order> = orders.into_iter().filter(|order| order.status == OrderStatus::Accepted).collect();
    let payments: Vec<Payment> = snapshot.list(Find::PaymentsOfDealer(dealer.id))?;
    let owed = exposure(dealer, &Ledger::of(dealer.id, &orders, &payments)).map_or(0, |owed| owed.minor);
    if owed <= 0 {
        return Ok(None);
    }
    let amount = Money::new(rng.between(1, owed.min(800_000)), Currency::Cny);
    let (payment_id, slip) = (PaymentId(id(rng)), format!("HD-{}", rng.below(1_000_000)));
    Ok(Some(RecordPayment { payment_id, dealer_id: dealer.id, amount, slip }.into()))
}

fn all<T: Entity>(snapshot: &dyn StoreRead, table: Table) -> Result<Vec<T>, StoreError> {
    Ok(snapshot.rows_of(table)?.into_iter().filter_map(T::from_row).collect())
}

pub(super) fn id(rng: &mut Rng) -> Uuid {
    uuid::Builder::from_custom_bytes(rng.bytes16()).into_uuid()
}
