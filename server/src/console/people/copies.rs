//! `GET /console/photos/{id}/upright` and `GET /console/photos/{id}/covered`: a photo as a copy made now.
//!
//! Areas are marked on the upright copy, not on the camera's file: what a person sees while marking and what is covered are
//! then turned by the same hand, whatever a browser makes of the file.

use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use storewalk_domain::ids::PhotoId;

use super::{handler::photo, view::PeoplePage};
use crate::{
    console::{desk::Desk, fault::Trouble, photos::stamp_of},
    service::{
        export::{Outcome, Shown, covered_copy, upright_copy},
        retention,
    },
    store::ViewKind,
};

/// Sends the picture that is marked on.
pub(crate) async fn upright(desk: Desk, Path(id): Path<String>) -> Response {
    let region = desk.region();
    let made = async {
        let id = desk.look_up(move |snapshot| Ok(photo(snapshot, &id, region.as_deref())?.id)).await?;
        Ok((id, upright_copy(&desk.state, id).await?))
    };
    answer(&desk, made.await, ViewKind::Page).await
}

/// Sends the copy that would be handed out.
pub(crate) async fn covered(desk: Desk, Path(id): Path<String>) -> Response {
    let region = desk.region();
    let made = async {
        let wanted = desk.read(move |snapshot, names, _| {
            let photo = photo(snapshot, &id, region.as_deref())?;
            Ok((photo.id, stamp_of(snapshot, names, &photo)?))
        });
        let (id, stamp) = wanted.await?;
        Ok((id, covered_copy(&desk.state, id, stamp).await?))
    };
    answer(&desk, made.await, ViewKind::CoveredCopy).await
}

async fn answer(desk: &Desk, made: Result<(PhotoId, Shown), Trouble>, kind: ViewKind) -> Response {
    match made {
        Ok((id, Shown::Copy(file))) => {
            retention::note_view(&desk.state, desk.user(), id, kind).await;
            let headers: [(HeaderName, HeaderValue); 2] = [
                (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
            ];
            (headers, file).into_response()
        }
        Ok((_, Shown::Not(Outcome::Unreadable))) => desk.answer(Err::<PeoplePage, _>(Trouble::NoPicture)),
        Ok((_, Shown::Not(Outcome::Unmarked))) => desk.answer(Err::<PeoplePage, _>(Trouble::NobodyMarked)),
        Ok((_, Shown::Not(_))) => desk.answer(Err::<PeoplePage, _>(Trouble::NotFound)),
        Err(trouble) => desk.answer(Err::<PeoplePage, _>(trouble)),
    }
}
