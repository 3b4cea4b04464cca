//! A server whose answers are scripted.

use std::{collections::BTreeMap, sync::Mutex};

use storewalk_domain::{
    ids::{DeviceId, PhotoId},
    time::Timestamp,
};
use storewalk_wire::{
    ApiError, ErrorCode, PhotoReceipt, ProblemBody, ReceiptKey, Signature, SmallPicture, UploadRequest, UploadState,
    Variant, photo_text,
};

use crate::{photos::files::sha256_hex, plan::testing::Uploads};

/// A server that keeps what arrives, and fails where it is told to.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) files: Mutex<BTreeMap<(PhotoId, Variant), Vec<u8>>>,
    /// Parts until the network fails; `None` for never.
    parts_left: Mutex<Option<u32>>,
    /// What to answer instead, once parts have run out.
    fault: Mutex<Option<ApiError>>,
    /// Whether the last part before the failure is kept though its answer is lost.
    pub(super) keeps_last: Mutex<bool>,
    pub(super) log: Mutex<Vec<(Variant, u64)>>,
    /// Files whose bytes came with their announcement.
    pub(super) begun: Mutex<Vec<(PhotoId, Variant)>>,
    /// What whole files are receipted with, for which device and when; `None` for a server that gives no receipts.
    signer: Mutex<Option<([u8; 32], DeviceId, Timestamp)>>,
    /// The receipts are signed with something else than they say.
    pub(super) bends_receipts: Mutex<bool>,
    /// Small pictures that it shows, or how it fails to.
    pub(super) pictures: Mutex<BTreeMap<SmallPicture, Result<Vec<u8>, ApiError>>>,
    /// Small pictures that were asked for.
    pub(super) asked: Mutex<Vec<SmallPicture>>,
    /// Every file is refused with this code.
    pub(super) refuses: Mutex<Option<ErrorCode>>,
}

impl Shelf {
    pub(super) fn fails_after(&self, parts: u32, fault: ApiError) {
        *self.parts_left.lock().expect("not poisoned") = Some(parts);
        *self.fault.lock().expect("not poisoned") = Some(fault);
    }

    pub(super) fn is_well(&self) {
        *self.parts_left.lock().expect("not poisoned") = None;
    }

    pub(super) fn file(&self, photo: PhotoId, variant: Variant) -> Vec<u8> {
        self.files.lock().expect("not poisoned").get(&(photo, variant)).cloned().unwrap_or_default()
    }

    pub(super) fn variants(&self) -> Vec<Variant> {
        self.log.lock().expect("not poisoned").iter().map(|(variant, _)| *variant).collect()
    }

    pub(super) fn signs(&self, seed: [u8; 32], device: DeviceId, at: Timestamp) {
        *self.signer.lock().expect("not poisoned") = Some((seed, device, at));
    }

    fn state(&self, bytes: &[u8], request: &UploadRequest) -> UploadState {
        let is_complete = sha256_hex(bytes) == request.sha256;
        let signer = self.signer.lock().expect("not poisoned").filter(|_| is_complete);
        let receipt = signer.map(|(seed, device, at)| {
            let key = ReceiptKey::of_seed(&seed);
            let signed_with = if *self.bends_receipts.lock().expect("not poisoned") { [0; 32] } else { seed };
            let signature = Signature::of(&signed_with, &photo_text(&key, device, at, request));
            PhotoReceipt { key, at, signature }
        });
        UploadState { offset: bytes.len() as u64, is_complete, receipt }
    }
}

impl Uploads for Shelf {
    fn create(&self, request: &UploadRequest) -> Result<UploadState, ApiError> {
        if let Some(code) = self.refuses.lock().expect("not poisoned").as_ref() {
            return Err(refusal(*code));
        }
        Ok(self.state(&self.file(request.photo_id, request.variant), request))
    }

    fn begin(&self, request: &UploadRequest, first: &[u8]) -> Result<UploadState, ApiError> {
        self.begun.lock().expect("not poisoned").push((request.photo_id, request.variant));
        self.create(request)?;
        self.append(request, 0, first)
    }

    fn picture(&self, picture: SmallPicture) -> Result<Vec<u8>, ApiError> {
        self.asked.lock().expect("not poisoned").push(picture);
        let pictures = self.pictures.lock().expect("not poisoned");
        pictures.get(&picture).cloned().unwrap_or_else(|| Err(refusal(ErrorCode::NotFound)))
    }

    fn append(&self, request: &UploadRequest, offset: u64, bytes: &[u8]) -> Result<UploadState, ApiError> {
        if let Some(left) = self.parts_left.lock().expect("not poisoned").as_mut() {
            if *left == 0 {
                if std::mem::take(&mut *self.keeps_last.lock().expect("not poisoned")) {
                    self.keep(request, offset, bytes)?;
                }
                return Err(self.fault.lock().expect("not poisoned").clone().expect("scripted"));
            }
            *left -= 1;
        }
        self.keep(request, offset, bytes)
    }
}

impl Shelf {
    fn keep(&self, request: &UploadRequest, offset: u64, bytes: &[u8]) -> Result<UploadState, ApiError> {
        let mut files = self.files.lock().expect("not poisoned");
        let file = files.entry((request.photo_id, request.variant)).or_default();
        if file.len() as u64 != offset {
            return Err(refusal(ErrorCode::OffsetMismatch));
        }
        file.extend_from_slice(bytes);
        self.log.lock().expect("not poisoned").push((request.variant, offset));
        Ok(self.state(file, request))
    }
}

pub(super) fn refusal(code: ErrorCode) -> ApiError {
    ApiError::Refused(Box::new(ProblemBody {
        kind: code.urn(),
        title: String::new(),
        status: code.status(),
        detail: String::new(),
        code,
        at: String::new(),
        next_step: String::new(),
        request_id: String::new(),
        problems: Vec::new(),
        protocols: None,
    }))
}
