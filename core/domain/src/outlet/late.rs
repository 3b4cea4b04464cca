//! Work that arrives after its outlet was handed over: how it is labelled, whom it is credited to, who is told.

use uuid::Uuid;

use super::{CreditRule, Handover, HandoverLabel, LateWork, Outlet, Standing, Territory, WorkKind};
use crate::{
    ids::{HandoverId, TerritoryId, UserId},
    sync::{Context, Find, Footing, Scope, State, StateError, StateExt},
};

/// The label of late work, and the note that tells of it.
pub(crate) struct LateNote {
    pub(crate) label: HandoverLabel,
    pub(crate) note: Handover,
}

/// What is to be said of work on an outlet; `None` when the outlet is the actor's own.
pub(crate) fn late(
    state: &dyn State,
    context: &Context,
    footing: Footing,
    outlet: &Outlet,
    work: (WorkKind, Uuid, String),
) -> Result<Option<LateNote>, StateError> {
    let Some(standing) = standing_of(footing) else { return Ok(None) };
    let note = note_of(state, context, outlet)?;
    let rule = context.policies.credit_rule;
    let credited_to = credited(rule, context.actor.user_id, &note);
    let (kind, id, title) = work;
    let label = HandoverLabel { standing, credited_to, rule, handover_id: Some(note.id) };
    let note = note.telling(LateWork {
        kind,
        id,
        title,
        standing,
        by: context.actor.user_id,
        done_at: context.captured_at,
        arrived_at: context.decided_at(),
        credited_to,
        rule,
    });
    Ok(Some(LateNote { label, note }))
}

fn standing_of(footing: Footing) -> Option<Standing> {
    match footing {
        Footing::Theirs => None,
        Footing::BeforeNotice => Some(Standing::BeforeNotice),
        Footing::BegunBefore => Some(Standing::BegunBefore),
        Footing::TakenIn => Some(Standing::TakenIn),
    }
}

/// Whose figures late work counts in.
pub(super) fn credited(rule: CreditRule, maker: UserId, note: &Handover) -> UserId {
    match rule {
        CreditRule::Maker => maker,
        CreditRule::Successor => note.to_reps.first().copied().unwrap_or(maker),
    }
}

/// The note about this outlet that reaches the actor and those who have the outlet now; a new one where there is none:
/// the territory changed hands as a whole, or by another road than a command.
fn note_of(state: &dyn State, context: &Context, outlet: &Outlet) -> Result<Handover, StateError> {
    let actor = context.actor.user_id;
    let question = Find::Handovers { outlet_id: outlet.id, territory_id: outlet.territory_id };
    let known: Vec<Handover> = state.list(question)?;
    let mut concerned = known.into_iter().filter(|note| note.from_reps.contains(&actor));
    let is_here = |note: &Handover| note.outlet_id.is_some() && note.to_territory == outlet.territory_id;
    let latest = concerned.next();
    if let Some(note) = latest.iter().cloned().chain(concerned).find(is_here) {
        return Ok(note);
    }
    let from_territory = latest.as_ref().map_or(outlet.territory_id, |note| note.from_territory);
    Ok(Handover {
        id: HandoverId::derived(outlet.id.0, &format!("late/{actor}/{}", outlet.territory_id)),
        outlet_id: Some(outlet.id),
        outlet_code: outlet.code.clone(),
        name: outlet.name.clone(),
        from_territory,
        to_territory: outlet.territory_id,
        regions: regions(state, [from_territory, outlet.territory_id])?,
        from_reps: vec![actor],
        to_reps: reps(state, outlet.territory_id)?,
        decided_by: latest.as_ref().and_then(|note| note.decided_by),
        decided_at: latest.as_ref().map_or(context.decided_at(), |note| note.decided_at),
        reason: latest.map(|note| note.reason).unwrap_or_default(),
        works: Vec::new(),
    })
}

/// The reps who work in a territory.
pub(crate) fn reps(state: &dyn State, territory: TerritoryId) -> Result<Vec<UserId>, StateError> {
    let scopes: Vec<Scope> = state.list(Find::RepsOfTerritory(territory))?;
    Ok(scopes.into_iter().map(|scope| scope.user_id).collect())
}

/// The regions of two territories, each once.
pub(super) fn regions(state: &dyn State, territories: [TerritoryId; 2]) -> Result<Vec<String>, StateError> {
    let mut regions = Vec::new();
    for territory in territories {
        let found: Option<Territory> = state.get(territory.row())?;
        regions.extend(found.map(|territory| territory.region_code));
    }
    regions.sort_unstable();
    regions.dedup();
    Ok(regions)
}
