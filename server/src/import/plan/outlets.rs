//! Outlets, matched by code.

use storewalk_domain::{
    geo::Position,
    ids::{CountyId, OutletId, TerritoryId},
    outlet::{CallPlan, Outlet},
    time::Zone,
};

use super::{
    super::{
        existing::Existing,
        fault::{Fault, ImportCode},
        fields,
    },
    ImportPlan, id_of,
    reader::{RowReader, Sheet},
};

const NAME_CHARS: usize = 200;
const ADDRESS_CHARS: usize = 500;
const PHONE_CHARS: usize = 40;

/// Metres within which a check-in counts as verified, unless the file says otherwise.
const FENCE_M: u32 = 150;

/// The widest fence in metres that still means being there.
const WIDEST_FENCE_M: u32 = 10_000;

/// Positions closer than this many degrees (a tenth of a millimetre) are the same; a float may lose its last bit
/// between a file and a database.
const SAME_DEGREES: f64 = 1e-9;

pub(super) fn plan(sheet: Sheet<'_>, existing: &Existing) -> ImportPlan {
    let mut plan = ImportPlan::default();
    let twice = sheet.twice(&["code"]);
    for mut row in sheet.rows() {
        row.check_once(&["code"], &twice);
        let line = row.line();
        let read = read(&mut row, existing);
        if let (true, Some((was, outlet))) = (row.finish(&mut plan.faults, &mut plan.warnings), read) {
            let key = outlet.code.clone();
            let calls = moved_calls(was, &outlet, existing);
            plan.settle(line, &key, was, outlet);
            plan.rows.extend(calls.into_iter().map(Into::into));
        }
    }
    plan
}

/// The planned calls of an outlet that changes territory: they are held by the same phone as the outlet.
fn moved_calls(was: Option<&Outlet>, is: &Outlet, existing: &Existing) -> Vec<CallPlan> {
    if was.is_none_or(|was| was.territory_id == is.territory_id) {
        return Vec::new();
    }
    let calls = existing.call_plans.get(&is.id).map_or(&[][..], Vec::as_slice);
    calls.iter().map(|call| CallPlan { territory_id: is.territory_id, ..call.clone() }).collect()
}

fn read<'e>(row: &mut RowReader<'_>, existing: &'e Existing) -> Option<(Option<&'e Outlet>, Outlet)> {
    let code = row.required("code", None, fields::code)?;
    let was = existing.outlets.get(&code).map_err(|fault| row.fault_in("code", fault)).ok()?;
    let id = was.map_or_else(|| OutletId(id_of("outlet", &code)), |was| was.id);
    if was.is_none()
        && let Err(fault) = existing.free(id.row(), &code)
    {
        row.fault_in("code", fault);
    }
    let name = row.required("name", None, |cell| fields::text(cell, NAME_CHARS));
    let class = row.required("class", was.map(|was| was.class), fields::class);
    let county = county(row, was, existing);
    let territory = territory(row, was, existing);
    let gln = row.optional("gln", was.map(|was| was.gln.clone()), None, |cell| fields::gln(cell).map(Some));
    let address = text(row, "address", was.map(|was| &was.address), ADDRESS_CHARS);
    let position = position(row, was);
    let metres = |cell: &str| fields::integer(cell, 1, WIDEST_FENCE_M);
    let fence_m = row.optional("fence_m", was.map(|was| was.fence_m), FENCE_M, metres);
    let decision_maker = text(row, "decision_maker", was.map(|was| &was.decision_maker), NAME_CHARS);
    let phone = text(row, "phone", was.map(|was| &was.phone), PHONE_CHARS);
    let zone = row.optional("zone", was.map(|was| was.zone), Zone::SHANGHAI, fields::zone);
    let is_active = row.optional("is_active", was.map(|was| was.is_active), true, fields::yes_no);
    let outlet = Outlet {
        id,
        code,
        name: name?,
        class: class?,
        county_id: county?,
        territory_id: territory?,
        gln,
        address,
        position,
        fence_m,
        decision_maker,
        phone,
        zone,
        is_active,
        opening_hours: None,
        contact: None,
    };
    Some((was, outlet))
}

fn text(row: &mut RowReader<'_>, column: &str, was: Option<&String>, limit: usize) -> String {
    row.optional(column, was.cloned(), String::new(), |cell| fields::text(cell, limit))
}

fn county(row: &mut RowReader<'_>, was: Option<&Outlet>, existing: &Existing) -> Option<CountyId> {
    let of_code = |cell: &str| existing.counties.require(cell, ImportCode::CountyUnknown).copied();
    row.required("county", was.map(|was| was.county_id), of_code)
}

fn territory(row: &mut RowReader<'_>, was: Option<&Outlet>, existing: &Existing) -> Option<TerritoryId> {
    let of_code = |cell: &str| existing.territories.require(cell, ImportCode::TerritoryUnknown).copied();
    let territory = row.required("territory", was.map(|was| was.territory_id), of_code)?;
    if was.is_some_and(|was| was.territory_id != territory) {
        let to = row.shown("territory");
        row.warn("territory", Fault::new(ImportCode::OutletMoves).with("to", to));
    }
    Some(territory)
}

/// Latitude, longitude and datum: all or none.
fn position(row: &mut RowReader<'_>, was: Option<&Outlet>) -> Option<Position> {
    let known = was.and_then(|was| was.position);
    if !["lat", "lon", "datum"].iter().any(|column| row.has(column)) {
        return known;
    }
    let given = ["lat", "lon", "datum"].map(|column| !row.shown(column).is_empty());
    let lat = row.given("lat", |cell| fields::degrees(cell, 90));
    let lon = row.given("lon", |cell| fields::degrees(cell, 180));
    let datum = row.given("datum", fields::datum);
    // A datum alone is what files have whose shops were not measured yet.
    if !given[0] && !given[1] {
        return None;
    }
    if given != [true; 3] {
        let missing = ["lat", "lon", "datum"].into_iter().zip(given).find(|(_, given)| !given);
        row.fault_in(missing.map_or("lat", |(column, _)| column), Fault::new(ImportCode::CoordinatePartner));
    }
    let measured = Position { lat: lat?, lon: lon?, datum: datum? };
    Some(known.filter(|known| is_same(*known, measured)).unwrap_or(measured))
}

fn is_same(left: Position, right: Position) -> bool {
    left.datum == right.datum
        && (left.lat - right.lat).abs() < SAME_DEGREES
        && (left.lon - right.lon).abs() < SAME_DEGREES
}
