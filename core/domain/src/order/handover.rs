//! By what right an order is placed: the dealer and the outlet may have gone to a colleague while the rep was offline.

use crate::{
    outlet::{Handover, HandoverLabel, Outlet, Role, Standing, WorkKind, late},
    problem::{Problem, ProblemCode},
    sync::{
        Change, Context, Decision, Effects, Find, Footing, Notice, State, StateError, StateExt, Stop, SubmitOrder,
        Theirs, handed_over,
    },
    visit::Visit,
};

/// What is to be said of the order; nothing when dealer and outlet are the actor's own.
#[derive(Default)]
pub(super) struct Late {
    pub(super) label: Option<HandoverLabel>,
    note: Option<Handover>,
}

/// Refuses who may not order; says how the order of a former rep stands.
pub(super) fn standing(state: &dyn State, args: &SubmitOrder, context: &Context) -> Result<Late, Stop> {
    let of_dealer = dealer_footing(state, args, context)?;
    let outlet = match args.outlet_id {
        Some(id) => state.get::<Outlet>(id.row())?,
        None => None,
    };
    let Some(outlet) = outlet else { return Ok(Late { label: bare_label(of_dealer, context), note: None }) };
    let footing = match outlet_footing(state, &outlet, context)? {
        Footing::Theirs => of_dealer,
        footing => footing,
    };
    let title = format!("{} · {}", args.number, args.priced.payable);
    let late = late(state, context, footing, &outlet, (WorkKind::Order, args.order_id.0, title))?;
    Ok(late.map_or_else(Late::default, |late| Late { label: Some(late.label), note: Some(late.note) }))
}

fn dealer_footing(state: &dyn State, args: &SubmitOrder, context: &Context) -> Result<Footing, Stop> {
    if context.acts_for(args.dealer_id) {
        return Ok(Footing::Theirs);
    }
    match state.notice(Theirs::Dealer(args.dealer_id))? {
        Notice::Unaware => Ok(Footing::BeforeNotice),
        Notice::TakenIn => Ok(Footing::TakenIn),
        Notice::Aware | Notice::Never => Err(Problem::new(ProblemCode::NotPermitted).at("dealer_id").into()),
    }
}

/// Only a rep takes orders in an outlet; a visit under way there may still bring one.
fn outlet_footing(state: &dyn State, outlet: &Outlet, context: &Context) -> Result<Footing, Stop> {
    let works_there = context.works_in(outlet.territory_id);
    if context.actor.role != Role::Rep || (works_there && !context.is_being_captured()) {
        return Ok(Footing::Theirs);
    }
    match state.notice(Theirs::Outlet(outlet.id))? {
        Notice::Aware if is_being_visited(state, outlet, context)? => Ok(Footing::BegunBefore),
        Notice::Aware => Err(handed_over(outlet).into()),
        _ if works_there => Ok(Footing::Theirs),
        Notice::Unaware => Ok(Footing::BeforeNotice),
        Notice::TakenIn => Ok(Footing::TakenIn),
        Notice::Never => Ok(Footing::Theirs),
    }
}

fn is_being_visited(state: &dyn State, outlet: &Outlet, context: &Context) -> Result<bool, StateError> {
    let open: Vec<Visit> = state.list(Find::OpenVisitsOfRep(context.actor.user_id))?;
    Ok(open.iter().any(|visit| visit.outlet_id == outlet.id))
}

/// The label of an order that was taken in no outlet: there is nobody to tell.
fn bare_label(footing: Footing, context: &Context) -> Option<HandoverLabel> {
    let standing = match footing {
        Footing::Theirs => return None,
        Footing::BeforeNotice | Footing::BegunBefore => Standing::BeforeNotice,
        Footing::TakenIn => Standing::TakenIn,
    };
    let rule = context.policies.credit_rule;
    Some(HandoverLabel { standing, credited_to: context.actor.user_id, rule, handover_id: None })
}

impl Late {
    /// The decision with the note that tells of the order, where it was taken in.
    pub(super) fn told(self, decision: Decision) -> Decision {
        match (decision, self.note) {
            (Decision::Accepted(Effects { mut changes, outcome }), Some(note)) => {
                changes.push(Change::put(note));
                Decision::Accepted(Effects { changes, outcome })
            }
            (decision, _) => decision,
        }
    }
}
