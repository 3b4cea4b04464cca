//! How far the photos of a visit have come, in a few words.

use storewalk_domain::photo::{Photo, PhotoStatus};

use crate::console::words::Words;

/// How far the photos of a visit have come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PhotoProgress {
    /// "4 of 5 received".
    pub(crate) text: String,
    /// "photo 3 of 5 pending"; empty when none is.
    pub(crate) pending: String,
    /// "2 wait for a verdict"; empty when none does.
    pub(crate) waiting: String,
    /// Photos that are the latest of their place.
    pub(crate) total: usize,
    /// Those received.
    pub(crate) received: usize,
}

/// Counts the photos of a visit, those replaced since left out. `photos` come in the order they were taken.
pub(crate) fn progress(photos: &[&Photo], words: &Words) -> PhotoProgress {
    let latest: Vec<&Photo> = photos.iter().copied().filter(|photo| photo.replaced_by.is_none()).collect();
    let places_in = |status: PhotoStatus| -> Vec<usize> {
        (1..).zip(&latest).filter(|(_, photo)| photo.status == status).map(|(place, _)| place).collect()
    };
    let pending = places_in(PhotoStatus::Pending);
    let waiting = places_in(PhotoStatus::Received).len();
    let total = latest.len();
    let received = total - pending.len();
    if total == 0 {
        return PhotoProgress { text: words.t("photos.no_photos").to_owned(), ..PhotoProgress::default() };
    }
    let (of, here) = (total.to_string(), received.to_string());
    let pending_text = if pending.is_empty() {
        String::new()
    } else {
        let which = pending.iter().map(usize::to_string).collect::<Vec<_>>().join(words.t("list.comma"));
        let key = if pending.len() == 1 { "photos.pending_one" } else { "photos.pending_many" };
        words.fill(key, &[("which", &which), ("of", &of)])
    };
    PhotoProgress {
        text: words.fill("photos.received_of", &[("n", &here), ("of", &of)]),
        pending: pending_text,
        waiting: if waiting == 0 { String::new() } else { words.count("photos.waiting", waiting) },
        total,
        received,
    }
}
