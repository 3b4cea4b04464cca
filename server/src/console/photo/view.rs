//! One photo as the page shows it.

use askama::Template;
use storewalk_domain::{
    handbook::HandbookList,
    ids::{CommandId, PhotoId, UserId, VerdictId},
    photo::{Photo, PhotoStatus, Pin, Verdict, VerdictDecision},
    review::Claim,
    sync::StateError,
    time::BusinessDate,
    visit::Visit,
};

use super::{
    beside::{Beside, BesideView, ClaimView, claim, compared},
    keeping::{KeepingRows, KeepingView, keeping},
    people::{PeopleRows, PeopleView, people},
    reason::{ReasonView, reasons},
    signals::{SignalView, outside, place, signal_views},
};
use crate::{
    console::{
        format,
        frame::{Frame, Part, Pill, Tone},
        lookup::{Names, OutletTag},
        photos::{NoPicture, photo_state},
        times,
    },
    store::Chain,
};

/// What the page is made of.
#[derive(Clone, Debug)]
pub(crate) struct PhotoRows {
    /// The photo.
    pub(crate) photo: Photo,
    /// With everything it replaces and is replaced by.
    pub(crate) chain: Chain,
    /// Its neighbours in the queue: before and after.
    pub(crate) beside: [Option<PhotoId>; 2],
    /// How long it is kept, and who was shown it.
    pub(crate) keeping: KeepingRows,
    /// What was said about the people in it.
    pub(crate) people: PeopleRows,
    /// Photos to compare it with.
    pub(crate) compared: Vec<(Beside, Photo)>,
    /// The visit it belongs to.
    pub(crate) visit: Option<Visit>,
    /// The claim that binds.
    pub(crate) claim: Option<Claim>,
    /// How many photos the reader has claimed.
    pub(crate) own_left: usize,
    /// Who reads.
    pub(crate) user: UserId,
    /// Approved photos of the same zone, to show how it should look.
    pub(crate) references: Vec<Photo>,
    /// The date a retake is due when the reviewer names none.
    pub(crate) due: BusinessDate,
    /// The outlet's date today.
    pub(crate) today: BusinessDate,
}

/// Ids for the commands this page may send. Minted when the page is made, so that sending a form twice is sending it
/// once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Commands {
    /// For approving.
    pub(crate) approve: CommandId,
    /// For rejecting.
    pub(crate) reject: CommandId,
    /// For withdrawing the verdict that stands.
    pub(crate) withdraw: CommandId,
    /// For withdrawing the verdict given a moment ago.
    pub(crate) undo: CommandId,
}

/// The verdict given a moment ago, which can still be taken back.
#[derive(Clone, Debug)]
pub(crate) struct Undo {
    /// The photo.
    pub(crate) photo: PhotoId,
    /// The verdict.
    pub(crate) verdict: VerdictId,
    /// Its zone and outlet.
    pub(crate) name: String,
    /// What was decided.
    pub(crate) decision: VerdictDecision,
    /// Whether it still stands and may be withdrawn.
    pub(crate) can_be_taken_back: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "photo.html")]
pub(crate) struct PhotoPage {
    f: Frame,
    id: String,
    zone: String,
    zone_detail: String,
    outlet: OutletTag,
    state: Pill,
    picture: Option<String>,
    next_picture: Option<String>,
    alt: String,
    width: u32,
    height: u32,
    pin: Option<PinView>,
    ring: String,
    can_decide: bool,
    why_not: &'static str,
    verdict_action: String,
    approve_command: String,
    reject_command: String,
    withdraw: Option<String>,
    is_taken_anew: bool,
    standing_id: String,
    undo: Option<UndoView>,
    standing: Option<VerdictView>,
    reasons: Vec<ReasonView>,
    references: Vec<ReferenceView>,
    due: String,
    due_min: String,
    rep: String,
    taken: String,
    outside: String,
    place: Option<Pill>,
    received: String,
    visit: String,
    size: String,
    chain: Vec<LinkView>,
    history: Vec<VerdictView>,
    previous: Option<String>,
    next: Option<String>,
    compared: Vec<BesideView>,
    signals: Vec<SignalView>,
    claim: Option<ClaimView>,
    keeping: KeepingView,
    people: PeopleView,
}

struct UndoView {
    is_open: bool,
    photo: String,
    standing: String,
    command: String,
    text: String,
}

struct ReferenceView {
    id: String,
    picture: Option<String>,
    name: String,
}

/// A point on the picture, in its pixels.
struct PinView {
    x: String,
    y: String,
}

struct VerdictView {
    pill: Pill,
    reason: String,
    note: String,
    by: String,
    due: String,
    /// The photo that shows how it should look.
    reference: Option<String>,
}

struct LinkView {
    id: String,
    name: String,
    alt: String,
    picture: Option<String>,
    none: NoPicture,
    pin: Option<PinView>,
    ring: String,
    width: u32,
    height: u32,
    state: Pill,
    taken: String,
    verdicts: Vec<VerdictView>,
    is_this: bool,
}

impl PhotoPage {
    /// Whether the photo itself is on it.
    pub(super) fn shows_original(&self) -> bool {
        self.picture.is_some()
    }
}

/// Builds the page of a photo.
pub(crate) fn page(
    mut f: Frame,
    names: &mut Names<'_>,
    rows: &PhotoRows,
    commands: Commands,
    undo: Option<&Undo>,
) -> Result<PhotoPage, StateError> {
    let words = f.words;
    let photo = &rows.photo;
    let zone = names.label(HandbookList::PhotoZone, &photo.zone);
    let outlet = names.outlet_tag(photo.outlet_id)?;
    f.part = Part::Photos;
    f.title = format!("{zone} · {}", outlet.name);
    let claim = claim(rows, names, &f)?;
    let is_others = claim.as_ref().is_some_and(|claim| !claim.is_own);
    let can_decide = photo.status == PhotoStatus::Received && photo.replaced_by.is_none() && !is_others;
    let standing = photo.verdict_id.and_then(|id| rows.chain.verdicts.iter().find(|verdict| verdict.id == id));
    let standing = standing.filter(|verdict| verdict.decision != VerdictDecision::Withdrawn);
    let can_withdraw = standing.is_some();
    let shown = |pin: Option<Pin>| pin.map(|pin| pin_view(pin, photo));
    let next = rows.beside[1].filter(|id| *id != photo.id);
    Ok(PhotoPage {
        id: photo.id.to_string(),
        zone_detail: zone_detail(names, &photo.zone, &f),
        state: photo_state(photo, words),
        picture: names.picture(photo.id).best(photo.id),
        next_picture: next.and_then(|id| names.picture(id).best(id)),
        alt: words.fill("photo.alt", &[("zone", &zone), ("outlet", &outlet.name)]),
        width: photo.width.max(1),
        height: photo.height.max(1),
        pin: shown(standing.and_then(|verdict| verdict.pin)),
        can_decide,
        why_not: words.t(if photo.status == PhotoStatus::Pending {
            "photo.wait_for_it"
        } else if is_others {
            "photo.claimed_next"
        } else {
            "photo.look_at_retake"
        }),
        verdict_action: format!("/console/photos/{}/verdict", photo.id),
        approve_command: commands.approve.to_string(),
        reject_command: commands.reject.to_string(),
        withdraw: can_withdraw.then(|| commands.withdraw.to_string()),
        is_taken_anew: photo.replaced_by.is_some(),
        standing_id: photo.verdict_id.map(|id| id.to_string()).unwrap_or_default(),
        undo: undo.map(|undo| undo_view(undo, commands.undo, &f)),
        standing: standing.map(|verdict| verdict_view(verdict, names, &f)).transpose()?,
        reasons: reasons(names, &f),
        references: references(&rows.references, names)?,
        due: rows.due.to_string(),
        due_min: rows.today.to_string(),
        rep: names.person_with_code(photo.rep_id)?,
        taken: taken(photo, &f),
        outside: outside(photo, rows.visit.as_ref(), &f),
        place: place(rows.visit.as_ref(), &f),
        received: photo.received_at.map_or_else(|| "–".to_owned(), |at| format::moment(at, f.zone)),
        visit: photo.visit_id.to_string(),
        size: format!("{} × {} · {}", photo.width, photo.height, format::size(photo.size_bytes)),
        chain: chain(rows, names, &f)?,
        history: verdicts_of(photo.id, rows, names, &f)?,
        previous: rows.beside[0].filter(|id| *id != photo.id).map(|id| format!("/console/photos/{id}")),
        next: next.map(|id| format!("/console/photos/{id}")),
        ring: ring(photo),
        keeping: keeping(photo, &rows.keeping, names, &f)?,
        people: people(photo, &rows.people, names, &f)?,
        compared: compared(&rows.compared, names, &f)?,
        signals: signal_views(photo, &f),
        claim,
        zone,
        outlet,
        f,
    })
}

/// When a photo was taken: what is known, and what the phone's clock said.
fn taken(photo: &Photo, f: &Frame) -> String {
    let Some(clocks) = photo.captured else { return format::moment(photo.taken_at, f.zone) };
    let at = times::trusted(photo.taken_at, Some(clocks.span), f);
    let device = times::device_phrase(photo.taken_at, clocks.device_at, f);
    f.words.fill("photo.both_times", &[("at", &at), ("device", &device)])
}

fn zone_detail(names: &Names<'_>, code: &str, f: &Frame) -> String {
    let zone = names.entries(HandbookList::PhotoZone).into_iter().find(|zone| zone.code == code);
    zone.map(|zone| f.say(&zone.detail).to_owned()).unwrap_or_default()
}

fn undo_view(undo: &Undo, command: CommandId, f: &Frame) -> UndoView {
    let key = match undo.decision {
        VerdictDecision::Approved => "photo.done_approved",
        VerdictDecision::Rejected => "photo.done_rejected",
        VerdictDecision::Withdrawn => "photo.done_withdrawn",
    };
    UndoView {
        photo: undo.photo.to_string(),
        is_open: undo.can_be_taken_back,
        standing: undo.verdict.to_string(),
        command: command.to_string(),
        text: f.words.fill(key, &[("photo", &undo.name)]),
    }
}

fn references(photos: &[Photo], names: &mut Names<'_>) -> Result<Vec<ReferenceView>, StateError> {
    let mut views = Vec::new();
    for photo in photos {
        views.push(ReferenceView {
            id: photo.id.to_string(),
            picture: names.picture(photo.id).small(photo.id),
            name: names.outlet_tag(photo.outlet_id)?.name,
        });
    }
    Ok(views)
}

fn chain(rows: &PhotoRows, names: &mut Names<'_>, f: &Frame) -> Result<Vec<LinkView>, StateError> {
    let mut links = Vec::new();
    for (number, photo) in (1..).zip(&rows.chain.photos) {
        let number: usize = number;
        let name = match number {
            1 => f.t("photo.first").to_owned(),
            _ => f.words.fill("photo.retake_number", &[("n", &(number - 1).to_string())]),
        };
        let mut given = rows.chain.verdicts.iter().rev().filter(|verdict| verdict.photo_id == photo.id);
        let pin = given.find_map(|verdict| verdict.pin).map(|pin| pin_view(pin, photo));
        links.push(LinkView {
            id: photo.id.to_string(),
            alt: format!("{name} · {}", names.label(HandbookList::PhotoZone, &photo.zone)),
            name,
            picture: names.picture(photo.id).small(photo.id),
            none: NoPicture::of(photo, f.words),
            pin,
            ring: ring(photo),
            width: photo.width.max(1),
            height: photo.height.max(1),
            state: photo_state(photo, f.words),
            taken: format::moment(photo.taken_at, f.zone),
            verdicts: verdicts_of(photo.id, rows, names, f)?,
            is_this: photo.id == rows.photo.id,
        });
    }
    Ok(links)
}

fn verdicts_of(
    photo: PhotoId,
    rows: &PhotoRows,
    names: &mut Names<'_>,
    f: &Frame,
) -> Result<Vec<VerdictView>, StateError> {
    let given = rows.chain.verdicts.iter().filter(|verdict| verdict.photo_id == photo);
    given.map(|verdict| verdict_view(verdict, names, f)).collect()
}

fn verdict_view(verdict: &Verdict, names: &mut Names<'_>, f: &Frame) -> Result<VerdictView, StateError> {
    let words = f.words;
    let pill = match verdict.decision {
        VerdictDecision::Approved => Pill::new(Tone::Good, "check", words.t("verdict.approved")),
        VerdictDecision::Rejected => Pill::new(Tone::Bad, "cross", words.t("verdict.rejected")),
        VerdictDecision::Withdrawn => Pill::new(Tone::Plain, "undo", words.t("verdict.withdrawn")),
    };
    let reason = verdict.reason.as_ref().map(|reason| names.label(HandbookList::RejectReason, reason));
    let due = verdict.due_on.map(|due| words.fill("task.due", &[("date", &due.to_string())]));
    let who = names.person(verdict.reviewer_id)?;
    Ok(VerdictView {
        pill,
        reason: reason.unwrap_or_default(),
        note: verdict.note.clone(),
        by: format!("{who} · {}", format::moment(verdict.decided_at, f.zone)),
        due: due.unwrap_or_default(),
        reference: verdict.reference_photo_id.map(|id| format!("/console/photos/{id}")),
    })
}

/// The radius of the ring around a point, in pixels of the picture.
fn ring(photo: &Photo) -> String {
    let shorter = photo.width.min(photo.height).max(1);
    format!("{:.1}", f64::from(shorter) * 0.06)
}

fn pin_view(pin: Pin, photo: &Photo) -> PinView {
    let place = |share: f64, side: u32| format!("{:.1}", share * f64::from(side));
    PinView { x: place(pin.x, photo.width), y: place(pin.y, photo.height) }
}
