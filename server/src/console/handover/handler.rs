//! `GET /console/handover`, `POST /console/handover/outlet` and `POST /console/handover/territory`

use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;
use storewalk_domain::{
    ids::{CommandId, OutletId, TerritoryId, UserId},
    outlet::{Outlet, Role, Territory},
    sync::{Command, Find, ReassignOutlet, ReassignTerritory, Row, StateExt, Table},
    task::TaskStatus,
    visit::VisitStatus,
};
use storewalk_wire::CommandVerdict;
use uuid::Uuid;

use super::view::{Chosen, HandoverPage, Moving, Rows, page};
use crate::{
    console::{
        access,
        desk::{Desk, see},
        fault::{Trouble, WayOut},
        form::{BadField, command_id},
    },
    service,
    store::{Slice, StoreRead},
};

/// How many earlier handovers are shown.
const SHOWN: u32 = 30;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    /// Code of an outlet.
    outlet: String,
    /// A territory.
    territory: String,
    /// Whether something was handed over a moment ago.
    done: String,
}

/// Shows the page: a search, what was found, and what was handed over before.
pub(crate) async fn show(desk: Desk, choice: Result<Query<Choice>, QueryRejection>) -> Response {
    let choice = choice.map(|Query(choice)| choice).unwrap_or_default();
    let region = desk.region();
    let command = CommandId(desk.state.new_id());
    let made = desk.read(move |snapshot, names, f| {
        let chosen = chosen(snapshot, &choice, region.as_deref())?;
        let rows = Rows {
            asked: choice.outlet.trim().to_owned(),
            is_done: !choice.done.is_empty(),
            chosen,
            territories: territories(snapshot, region.as_deref())?,
            postings: snapshot.postings(region.as_deref())?,
            reps: reps(snapshot, region.as_deref())?,
            handovers: snapshot.handovers(region.as_deref(), Slice { offset: 0, limit: SHOWN })?,
            command,
        };
        Ok(page(f, names, &rows)?)
    });
    desk.answer(made.await)
}

fn chosen(snapshot: &dyn StoreRead, choice: &Choice, region: Option<&str>) -> Result<Chosen, Trouble> {
    let code = choice.outlet.trim();
    if !code.is_empty() {
        let Some(id) = snapshot.outlet_by_code(code)? else { return Ok(Chosen::Unknown) };
        let outlet: Outlet = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
        // An outlet elsewhere is as good as none.
        if access::require_territory(snapshot, outlet.territory_id, region).is_err() {
            return Ok(Chosen::Unknown);
        }
        let moving = moving(&snapshot.find(Find::RowsOfOutlet(outlet.id))?);
        return Ok(Chosen::Outlet(Box::new(outlet), moving));
    }
    let Ok(id) = choice.territory.parse::<TerritoryId>() else { return Ok(Chosen::Nothing) };
    let territory: Territory = snapshot.get(id.row())?.ok_or(Trouble::NotFound)?;
    access::require_territory(snapshot, territory.id, region)?;
    let open_tasks = snapshot.find(Find::OpenTasksOfTerritory(id))?.len();
    Ok(Chosen::Territory(Box::new(territory), open_tasks))
}

/// What will move with the outlet.
fn moving(rows: &[Row]) -> Moving {
    let count = |is_of: fn(&Row) -> bool| rows.iter().filter(|row| is_of(row)).count();
    Moving {
        plans: count(|row| matches!(row, Row::CallPlan(_))),
        visits: count(|row| matches!(row, Row::Visit(_))),
        photos: count(|row| matches!(row, Row::Photo(_))),
        open_tasks: count(|row| matches!(row, Row::Task(task) if task.status == TaskStatus::Open)),
        under_way: count(|row| matches!(row, Row::Visit(visit) if visit.status == VisitStatus::InProgress)),
    }
}

fn territories(snapshot: &dyn StoreRead, region: Option<&str>) -> Result<Vec<Territory>, Trouble> {
    let rows = snapshot.rows_of(Table::Territories)?.into_iter().filter_map(|row| match row {
        Row::Territory(territory) => Some(territory),
        _ => None,
    });
    let mut found: Vec<Territory> =
        rows.filter(|territory| region.is_none_or(|region| territory.region_code == region)).collect();
    found.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(found)
}

/// The reps of a region, and those of none.
fn reps(snapshot: &dyn StoreRead, region: Option<&str>) -> Result<Vec<UserId>, Trouble> {
    let scopes = snapshot.rows_of(Table::Scopes)?.into_iter().filter_map(|row| match row {
        Row::Scope(scope) if scope.role == Role::Rep => Some(scope),
        _ => None,
    });
    let is_here = |of: Option<&str>| region.is_none_or(|region| of.is_none_or(|of| of == region));
    Ok(scopes.filter(|scope| is_here(scope.region_code.as_deref())).map(|scope| scope.user_id).collect())
}

/// What the form of an outlet sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OutletForm {
    form_token: String,
    command: String,
    outlet: String,
    territory: String,
    reason: String,
}

/// Hands an outlet over.
pub(crate) async fn outlet(desk: Desk, form: Result<Form<OutletForm>, FormRejection>) -> Response {
    let read = || -> Result<(OutletForm, ReassignOutlet), Trouble> {
        let Form(form) = form.map_err(|_| BadField("form"))?;
        let args = ReassignOutlet {
            outlet_id: form.outlet.parse::<OutletId>().map_err(|_| BadField("outlet"))?,
            territory_id: form.territory.parse::<TerritoryId>().map_err(|_| BadField("territory"))?,
            reason: form.reason.trim().to_owned(),
        };
        Ok((form, args))
    };
    let done = match read() {
        Ok((form, args)) => {
            let fields = [form.outlet.as_str(), form.territory.as_str(), form.reason.as_str()];
            decide(&desk, &form.form_token, &form.command, &fields, args.into()).await
        }
        Err(trouble) => Err(trouble),
    };
    answer(&desk, done)
}

/// What the form of a territory sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TerritoryForm {
    form_token: String,
    command: String,
    territory: String,
    rep: String,
    reason: String,
}

/// Hands a territory over.
pub(crate) async fn territory(desk: Desk, form: Result<Form<TerritoryForm>, FormRejection>) -> Response {
    let read = || -> Result<(TerritoryForm, ReassignTerritory), Trouble> {
        let Form(form) = form.map_err(|_| BadField("form"))?;
        let args = ReassignTerritory {
            territory_id: form.territory.parse::<TerritoryId>().map_err(|_| BadField("territory"))?,
            from_user_id: None,
            to_user_id: form.rep.parse::<UserId>().map_err(|_| BadField("rep"))?,
            reason: form.reason.trim().to_owned(),
        };
        Ok((form, args))
    };
    let done = match read() {
        Ok((form, args)) => {
            let fields = [form.territory.as_str(), form.rep.as_str(), form.reason.as_str()];
            decide(&desk, &form.form_token, &form.command, &fields, args.into()).await
        }
        Err(trouble) => Err(trouble),
    };
    answer(&desk, done)
}

async fn decide(desk: &Desk, form_token: &str, minted: &str, fields: &[&str], command: Command) -> Result<(), Trouble> {
    desk.check_form(form_token)?;
    let minted = Uuid::parse_str(minted).map_err(|_| BadField("command"))?;
    match service::execute(&desk.state, desk.user(), command, command_id(minted, fields)).await? {
        CommandVerdict::Refused { problems } => Err(Trouble::Refused(problems, WayOut::Handover)),
        CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => Ok(()),
    }
}

fn answer(desk: &Desk, done: Result<(), Trouble>) -> Response {
    match done {
        Ok(()) => see("/console/handover?done=1"),
        Err(trouble) => desk.answer(Err::<HandoverPage, _>(trouble)),
    }
}
