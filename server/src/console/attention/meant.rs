//! What a refused command meant, in words: where, about what, how much.

use storewalk_domain::{
    handbook::HandbookList,
    ids::{OrderId, OutletId, VisitId},
    order::Order,
    photo::Photo,
    sync::{Command, State, StateError, StateExt},
    task::Task,
    visit::Visit,
};

use crate::console::{format, frame::Frame, lookup::Names};

/// The particulars of a command, the place first; empty when nothing of it is known here.
pub(super) fn particulars(
    command: &Command,
    state: &dyn State,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<Vec<String>, StateError> {
    let mut said = Vec::new();
    match command {
        Command::StartVisit(args) => said.extend(outlet(names, args.outlet_id)?),
        Command::SkipCall(args) => said.extend(outlet(names, args.outlet_id)?),
        Command::RaiseTask(args) => {
            said.extend(outlet(names, args.outlet_id)?);
            said.push(args.note.clone());
        }
        Command::ChooseGoals(args) => said.extend(visited(state, names, args.visit_id)?),
        Command::BeginStep(args) => said.extend(visited(state, names, args.visit_id)?),
        Command::RecordAnswer(args) => said.extend(visited(state, names, args.visit_id)?),
        Command::AssessGoals(args) => said.extend(visited(state, names, args.visit_id)?),
        Command::FinishVisit(args) => said.extend(visited(state, names, args.visit_id)?),
        Command::AttachPhoto(args) => {
            said.extend(visited(state, names, args.visit_id)?);
            said.push(names.label(HandbookList::PhotoZone, &args.zone));
            said.push(format::size(args.size_bytes));
        }
        Command::AnswerSignal(args) => {
            let photo: Option<Photo> = state.get(args.photo_id.row())?;
            if let Some(photo) = photo {
                said.extend(outlet(names, photo.outlet_id)?);
            }
            said.push(args.text.clone());
        }
        Command::CloseTask(args) => {
            let task: Option<Task> = state.get(args.task_id.row())?;
            if let Some(task) = task {
                said.extend(outlet(names, task.outlet_id)?);
                said.push(task.note);
            }
        }
        Command::SubmitOrder(args) => {
            said.push(args.number.clone());
            said.push(names.dealer_name(args.dealer_id)?);
            said.push(f.words.count("recover.lines", args.lines.len()));
        }
        Command::CancelOrder(args) => said.extend(number(state, args.order_id)?),
        Command::ConfirmOrder(args) => said.extend(number(state, args.order_id)?),
        Command::AnswerClaim(args) => said.extend(number(state, args.order_id)?),
        Command::EditOutlet(args) => said.extend(outlet(names, args.outlet_id)?),
        Command::SettleConflict(args) => said.extend(outlet(names, args.outlet_id)?),
        Command::SettleDuplicate(args) => said.extend(visited(state, names, args.keep)?),
        Command::RecordPayment(args) => {
            said.push(args.slip.clone());
            said.push(format::money(args.amount));
        }
        Command::ReassignOutlet(args) => said.extend(outlet(names, args.outlet_id)?),
        Command::ReviewPhoto(_) | Command::ReassignTerritory(_) => {}
    }
    said.retain(|text| !text.trim().is_empty());
    Ok(said)
}

fn outlet(names: &mut Names<'_>, id: OutletId) -> Result<Option<String>, StateError> {
    Ok(names.outlet(id)?.map(|outlet| format!("{} {}", outlet.code, outlet.name)))
}

fn visited(state: &dyn State, names: &mut Names<'_>, id: VisitId) -> Result<Option<String>, StateError> {
    let visit: Option<Visit> = state.get(id.row())?;
    visit.map_or(Ok(None), |visit| outlet(names, visit.outlet_id))
}

fn number(state: &dyn State, id: OrderId) -> Result<Option<String>, StateError> {
    let order: Option<Order> = state.get(id.row())?;
    Ok(order.map(|order| order.number))
}
