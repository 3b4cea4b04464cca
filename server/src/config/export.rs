//! Photos that are handed out.

use std::{path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};
use storewalk_photo::{Cascade, FindFaces};

use crate::error::StartError;

/// Photos that are handed out.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportSection {
    /// The cascade by which faces are found: a file as the training of `OpenCV` writes them, with LBP features. Empty: faces are
    /// not found; only what people marked is covered, and what nobody has looked at does not go as a covered copy.
    pub face_cascade: PathBuf,
}

impl ExportSection {
    /// What finds faces, where a cascade is named.
    ///
    /// # Errors
    /// When the file cannot be read or is no cascade: a server that should find faces does not start without.
    pub(crate) fn face_finder(&self) -> Result<Option<Arc<dyn FindFaces>>, StartError> {
        if self.face_cascade.as_os_str().is_empty() {
            return Ok(None);
        }
        let unusable = |fault: &dyn std::fmt::Display| {
            StartError::Settings(format!("export.face_cascade {}: {fault}", self.face_cascade.display()))
        };
        let file = std::fs::read_to_string(&self.face_cascade).map_err(|fault| unusable(&fault))?;
        let cascade = Cascade::read(&file).map_err(|fault| unusable(&fault))?;
        Ok(Some(Arc::new(cascade)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cascade_that_can_be_used_finds_faces() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/faces/lamp.xml");
        let section = ExportSection { face_cascade: path.into() };
        assert!(section.face_finder().expect("a cascade").is_some());
    }

    #[test]
    fn a_cascade_that_cannot_be_used_keeps_the_server_from_starting_and_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("faces.xml");
        let section = ExportSection { face_cascade: path.clone() };
        assert!(ExportSection::default().face_finder().expect("none is named").is_none());
        for content in [None, Some("<cascade/>"), Some("no XML <")] {
            if let Some(content) = content {
                std::fs::write(&path, content).expect("file");
            }
            let fault = section.face_finder().err().expect("refused").to_string();
            assert!(
                fault.starts_with("use the settings: export.face_cascade ") && fault.contains("faces.xml: "),
                "{fault}"
            );
        }
    }
}
