//! What stands at the lower edge of a photo's covered copy: the same as on the copy that the phone made.

use storewalk_domain::{
    handbook::HandbookList,
    photo::Photo,
    retention::may_keep_place,
    sync::{StateError, StateExt},
    visit::Visit,
};
use storewalk_photo::Stamp;

use crate::{
    console::{desk::ZONE, lookup::Names},
    store::StoreRead,
};

/// The stamp of a photo: outlet, zone, rep, trusted time and place. The place is that of the check-in, and only for a photo
/// that was taken during the visit; for any other it is the outlet's address.
pub(crate) fn stamp_of(snapshot: &dyn StoreRead, names: &mut Names<'_>, photo: &Photo) -> Result<Stamp, StateError> {
    let rep = names.person(photo.rep_id)?;
    let zone = names.entries(HandbookList::PhotoZone).into_iter().find(|entry| entry.code == photo.zone);
    let zone = zone.map_or_else(|| photo.zone.clone(), |entry| format!("{} {}", entry.text.zh, entry.text.en));
    let visit: Option<Visit> = snapshot.get(photo.visit_id.row())?;
    let visit = visit.filter(|visit| may_keep_place(visit, photo.taken_at));
    let fix = visit.and_then(|visit| visit.check_in?.fix);
    let outlet = names.outlet(photo.outlet_id)?;
    let at = outlet.map_or(ZONE, |outlet| outlet.zone);
    Ok(Stamp {
        outlet: outlet.map(|outlet| format!("{} {}", outlet.code, outlet.name)).unwrap_or_default(),
        zone,
        rep,
        taken_at: match photo.captured {
            Some(clocks) => Stamp::time(photo.taken_at, clocks, at),
            None => photo.taken_at.display_seconds_in(at),
        },
        place: match fix {
            Some(fix) => Stamp::position(fix),
            None => outlet.map(|outlet| outlet.address.clone()).unwrap_or_default(),
        },
    })
}
