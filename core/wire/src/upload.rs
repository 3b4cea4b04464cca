//! Photo bytes: resumable uploads (tus 1.0) under `/uploads`.
//!
//! The place of an upload follows from the photo and the variant (`/uploads/<photo id>/<variant>`), so creating it
//! twice is creating it once.

use serde::{Deserialize, Serialize};
use storewalk_domain::{
    ids::{PhotoId, VerdictId},
    time::Timestamp,
};

use crate::PhotoReceipt;

/// Which rendering of a photo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// A small JPEG of at most 20 KB, sent first.
    Thumbnail,
    /// The bytes the camera wrote.
    Original,
}

impl Variant {
    /// The name in paths and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Original => "original",
        }
    }

    /// The variant of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Thumbnail, Self::Original].into_iter().find(|variant| variant.as_str() == name)
    }
}

/// A small picture that a person may see though their phone did not take it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SmallPicture {
    /// The thumbnail of a photo of theirs to see.
    OfPhoto(PhotoId),
    /// The thumbnail of the photo that a verdict names as how it should look.
    OfReference(VerdictId),
}

impl SmallPicture {
    /// Where a server shows it, without a slash before.
    pub fn path(self) -> String {
        match self {
            Self::OfPhoto(photo) => format!("photos/{photo}/{}", Variant::Thumbnail.as_str()),
            Self::OfReference(verdict) => format!("verdicts/{verdict}/reference"),
        }
    }
}

/// Most bytes of a small picture: far more than any phone makes one of.
pub const MAX_SMALL_PICTURE_BYTES: usize = 256 * 1024;

/// What is to be uploaded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UploadRequest {
    /// The photo.
    pub photo_id: PhotoId,
    /// The rendering.
    pub variant: Variant,
    /// Length in bytes.
    pub size_bytes: u64,
    /// SHA-256; lower-case hex.
    pub sha256: String,
}

/// Where an upload stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UploadState {
    /// Bytes the server holds durably.
    pub offset: u64,
    /// Whether the whole file is there and its hash is right.
    pub is_complete: bool,
    /// The receipt, once the file is there; `None` from a server that gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<PhotoReceipt>,
}

/// A link to a photo's bytes that carries its own right: for one photo, one rendering and one person, for some minutes.
/// The answer to `POST /photos/<photo id>/<variant>/link`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PhotoLink {
    /// Path and query, to be asked for with `GET` and without a token.
    pub path: String,
    /// When it ends, by the server's clock.
    pub expires_at: Timestamp,
}
