//! How reviewers share their work at the console: claims, verdicts on claimed photos, and the blind second look.
//!
//! **Invariants.** A claim is decided in the writer's transaction, so two reviewers never get the same photo. A verdict on
//! a photo that somebody else has claimed is refused with their name. Every photo of a bulk approval is a command of its
//! own, with its own answer and trace. Nothing here judges: that is `photo.review`.

use storewalk_domain::{
    ids::{CommandId, PhotoId, UserId, VerdictId, derived},
    photo::{Photo, Verdict, VerdictDecision},
    problem::{Problem, ProblemCode},
    review::{
        Claim, Drawn, QueueRule, SecondLook, decide_claim, decide_second_look, other_eyes, require_unclaimed, risk,
    },
    sync::{ReviewPhoto, State, StateExt},
    time::{DAY_MS, Timestamp},
};
use storewalk_wire::{CommandVerdict, ErrorCode};
use uuid::Uuid;

use super::execute::{Beside, execute_beside};
use crate::{
    error::ApiError,
    state::AppState,
    store::{AtDesk, PhotoFilter, StoreError, StoreRead, StoreTxn, WallEdge},
};

/// Most photos that one claim takes.
pub const MOST_CLAIMED: u32 = 50;

/// How many photos that wait a rule looks through, the oldest first. A queue that is longer is worked off from its head.
pub const LOOKED_THROUGH: u32 = 2_000;

/// What a rule holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Queue {
    /// In the order they are to be judged: the oldest first, by risk the heaviest first.
    pub photos: Vec<PhotoId>,
    /// Not everything that waits was looked through: there may be more.
    pub may_go_on: bool,
}

/// The photos a rule holds. `desk` says whose claims count.
///
/// # Errors
/// When the store fails.
pub fn queue(
    snapshot: &(impl StoreRead + ?Sized),
    region: Option<&str>,
    rule: QueueRule,
    desk: AtDesk,
) -> Result<Queue, StoreError> {
    let is_by_risk = matches!(rule, QueueRule::Risk { .. });
    let region = region.map(str::to_owned);
    // Only what has signals can weigh anything, and only that is read whole.
    let filter = PhotoFilter { region, desk: Some(desk), has_signals: is_by_risk, ..PhotoFilter::default() };
    if is_by_risk {
        let part = snapshot.wall(&filter, WallEdge::Start, LOOKED_THROUGH)?;
        let mut held: Vec<Photo> = part.photos.into_iter().filter(|photo| rule.holds(photo)).collect();
        // Stable: among equals the oldest stays first.
        held.sort_by_cached_key(|photo| std::cmp::Reverse(risk(photo)));
        return Ok(Queue { photos: held.iter().map(|photo| photo.id).collect(), may_go_on: part.has_after });
    }
    // One more than is looked through tells whether there are others.
    let mut photos = snapshot.wall_ids(&filter, LOOKED_THROUGH + 1)?;
    let may_go_on = photos.len() > LOOKED_THROUGH as usize;
    photos.truncate(LOOKED_THROUGH as usize);
    photos.retain(|photo| rule.holds_id(*photo));
    Ok(Queue { photos, may_go_on })
}

/// Claims the next photos of a rule for a person; their own claims among them are renewed. Says how many they have now of
/// this call.
///
/// # Errors
/// When the store fails.
pub async fn claim_next(
    state: &AppState,
    user: UserId,
    region: Option<String>,
    rule: QueueRule,
    count: u32,
) -> Result<usize, ApiError> {
    let (now, lease) = (state.now(), lease_ms(state));
    state
        .store
        .write(move |txn| {
            txn.forget_claims(now.plus_ms(-DAY_MS))?;
            let desk = AtDesk { user, now, is_own_only: false };
            let chosen = queue(&*txn, region.as_deref(), rule, desk)?;
            let mut claimed = 0;
            for photo in chosen.photos.iter().take(count.min(MOST_CLAIMED) as usize) {
                let photo: Option<Photo> = txn.get(photo.row()).map_err(StoreError::from)?;
                let Some(photo) = photo else { continue };
                if claim(txn, &photo, user, (now, lease))?.is_ok() {
                    claimed += 1;
                }
            }
            Ok::<_, StoreError>(claimed)
        })
        .await
        .map_err(ApiError::from)
}

fn claim(
    txn: &mut dyn StoreTxn,
    photo: &Photo,
    user: UserId,
    (now, lease): (Timestamp, i64),
) -> Result<Result<Claim, Problem>, StoreError> {
    let standing = txn.claim(photo.id)?;
    let decided = decide_claim(standing.as_ref(), photo, user, now, lease);
    if let Ok(claim) = &decided {
        txn.put_claim(claim)?;
    }
    Ok(decided)
}

/// Gives a person's claims back.
///
/// # Errors
/// When the store fails.
pub async fn release(state: &AppState, user: UserId) -> Result<(), ApiError> {
    let now = state.now();
    state
        .store
        .write(move |txn| {
            for claim in txn.claims(now)?.into_iter().filter(|claim| claim.user_id == user) {
                txn.remove_claim(claim.photo_id)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .map_err(ApiError::from)
}

/// Judges a photo. A claim of somebody else refuses it; one's own ends with it, and one's others are renewed.
///
/// # Errors
/// When the person has no account any more, or the store fails.
pub async fn judge(
    state: &AppState,
    user: UserId,
    review: ReviewPhoto,
    command_id: CommandId,
) -> Result<CommandVerdict, ApiError> {
    judge_if(state, user, review, command_id, |_, _| Ok(None)).await
}

async fn judge_if(
    state: &AppState,
    user: UserId,
    review: ReviewPhoto,
    command_id: CommandId,
    condition: impl FnOnce(&mut dyn StoreTxn, Timestamp) -> Result<Option<Problem>, StoreError> + Send + 'static,
) -> Result<CommandVerdict, ApiError> {
    let lease = lease_ms(state);
    let (percent, seed) = (state.config.review.second_percent, state.config.review.second_seed);
    let (photo_id, verdict_id) = (review.photo_id, review.verdict_id);
    let beside = Beside {
        before: Box::new(move |txn, now| match somebody_else(txn, photo_id, user, now)? {
            Some(problem) => Ok(Some(problem)),
            None => condition(txn, now),
        }),
        after: Box::new(move |txn, now| {
            txn.remove_claim(photo_id)?;
            txn.renew_claims(user, now, now.plus_ms(lease))?;
            let Some(verdict) = txn.get::<Verdict>(verdict_id.row()).map_err(StoreError::from)? else {
                return Ok(());
            };
            if verdict.decision == VerdictDecision::Withdrawn {
                return txn.end_draws(photo_id);
            }
            match other_eyes(&verdict, percent, seed, now) {
                Some(drawn) => txn.put_drawn(&drawn),
                None => Ok(()),
            }
        }),
    };
    execute_beside(state, user, review.into(), command_id, beside).await
}

/// The problem that somebody else is at the photo, with their name.
fn somebody_else(
    txn: &mut dyn StoreTxn,
    photo: PhotoId,
    user: UserId,
    now: Timestamp,
) -> Result<Option<Problem>, StoreError> {
    let standing = txn.claim(photo)?;
    let Err(problem) = require_unclaimed(standing.as_ref(), user, now) else { return Ok(None) };
    let other = standing.map(|claim| txn.account(claim.user_id)).transpose()?.flatten();
    Ok(Some(problem.with("who", other.map_or_else(|| "?".to_owned(), |account| account.name))))
}

/// How a bulk approval ended, photo by photo.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Approved {
    /// The verdicts that were given.
    pub verdicts: Vec<VerdictId>,
    /// The photos that were left as they are, and why.
    pub left: Vec<(PhotoId, Problem)>,
}

/// Approves photos one by one: each is a command of its own, derived from `minted` and the photo, so that the same call
/// again does nothing twice. A photo that the person has not claimed is left.
///
/// # Errors
/// When the person has no account any more, or the store fails; what was approved until then stays.
pub async fn approve_all(
    state: &AppState,
    user: UserId,
    photos: Vec<PhotoId>,
    minted: Uuid,
) -> Result<Approved, ApiError> {
    let mut ended = Approved::default();
    for photo_id in photos.into_iter().take(MOST_CLAIMED as usize) {
        let command = CommandId(derived(minted, &format!("approve:{photo_id}")));
        let verdict_id = VerdictId(derived(command.0, "verdict"));
        let review = plain(photo_id, verdict_id, VerdictDecision::Approved);
        let own = move |txn: &mut dyn StoreTxn, now: Timestamp| {
            let claim = txn.claim(photo_id)?.filter(|claim| claim.user_id == user && claim.binds(now));
            let unclaimed = ProblemCode::PhotoNotClaimed;
            Ok(if claim.is_some() { None } else { Some(Problem::new(unclaimed).at("photo_id")) })
        };
        match judge_if(state, user, review, command, own).await? {
            CommandVerdict::Refused { problems } => {
                ended.left.extend(problems.into_iter().take(1).map(|problem| (photo_id, problem)));
            }
            CommandVerdict::Applied | CommandVerdict::Held { .. } | CommandVerdict::Changed { .. } => {
                ended.verdicts.push(verdict_id);
            }
        }
    }
    Ok(ended)
}

/// Takes back verdicts of a person, each by a command of its own. A verdict that no longer stands is passed over. Says how
/// many were taken back.
///
/// # Errors
/// When the person has no account any more, or the store fails.
pub async fn withdraw_all(state: &AppState, user: UserId, verdicts: Vec<VerdictId>) -> Result<usize, ApiError> {
    let mut count = 0;
    for verdict_id in verdicts.into_iter().take(MOST_CLAIMED as usize) {
        let given: Option<Verdict> = state
            .store
            .read(move |snapshot| Ok::<_, ApiError>(snapshot.get(verdict_id.row()).map_err(StoreError::from)?))
            .await?;
        let Some(given) = given.filter(|verdict| verdict.reviewer_id == user) else { continue };
        let command = CommandId(derived(verdict_id.0, "undo"));
        let review = plain(given.photo_id, VerdictId(derived(command.0, "verdict")), VerdictDecision::Withdrawn);
        let stands = move |txn: &mut dyn StoreTxn, _: Timestamp| {
            let photo: Option<Photo> = txn.get(given.photo_id.row()).map_err(StoreError::from)?;
            let stands = photo.is_some_and(|photo| photo.verdict_id == Some(verdict_id));
            let decided = ProblemCode::PhotoAlreadyDecided;
            Ok(if stands { None } else { Some(Problem::new(decided)) })
        };
        let ended = judge_if(state, user, review, command, stands).await?;
        count += usize::from(!matches!(ended, CommandVerdict::Refused { .. }));
    }
    Ok(count)
}

fn plain(photo_id: PhotoId, verdict_id: VerdictId, decision: VerdictDecision) -> ReviewPhoto {
    ReviewPhoto {
        verdict_id,
        photo_id,
        decision,
        reason: None,
        note: String::new(),
        pin: None,
        reference_photo_id: None,
        due_on: None,
    }
}

/// Takes in a second look of somebody who has not seen the verdict.
///
/// # Errors
/// When there is no such draw, or the store fails. The rules' objections are the inner error.
pub async fn look_again(
    state: &AppState,
    verdict: VerdictId,
    look: SecondLook,
) -> Result<Result<Drawn, Vec<Problem>>, ApiError> {
    state
        .store
        .write(move |txn| {
            let drawn = txn.drawn(verdict)?.ok_or(ErrorCode::NotFound)?;
            // The same form twice is one look.
            if drawn.second.as_ref().is_some_and(|before| SecondLook { at: look.at, ..before.clone() } == look) {
                return Ok(Ok(drawn));
            }
            let has_seen = txn.has_seen(verdict, look.by)?;
            let rows: &dyn State = &*txn;
            let decided = decide_second_look(rows, &drawn, look, has_seen).map_err(StoreError::from)?;
            if let Ok(drawn) = &decided {
                txn.put_drawn(drawn)?;
            }
            Ok(decided)
        })
        .await
}

fn lease_ms(state: &AppState) -> i64 {
    i64::from(state.config.review.lease_minutes).saturating_mul(60_000)
}
