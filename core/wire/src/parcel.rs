//! Sealing and opening parcels.
//!
//! **Layout.** All numbers little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `SWPARCEL` |
//! | 2 | version, 1 |
//! | 8 | id of the key it is sealed to |
//! | 4 | length of all that follows |
//! | 32 | HPKE encapsulated key |
//! | rest | ciphertext: device id (16), Ed25519 signature (64), length of the body (4), body, zeros up to a multiple of 4 KiB |
//!
//! The body is the length of the description (4), the description as JSON under zstd, and raw bytes of a photo. The
//! signature is over a fixed word, the key's id, the device id and the body; the head is authenticated with the
//! ciphertext. HPKE (RFC 9180) in base mode: X25519, HKDF-SHA-256, ChaCha20-Poly1305.
//!
//! **Invariants.** Opening never panics and never allocates more than a few times [`MAX_PARCEL_BYTES`], whatever the
//! bytes. The padding hides how many commands there are; only the size in steps of 4 KiB shows.

use std::io::Read;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem,
};
use storewalk_domain::ids::DeviceId;
use uuid::Uuid;

use crate::{CourierKey, MAX_PARCEL_BYTES, Parcel, read_json};

const MAGIC: &[u8; 8] = b"SWPARCEL";
const VERSION: u16 = 1;
/// Everything the associated data covers.
const HEAD: usize = 8 + 2 + 8 + 4;
const ENCAPPED: usize = 32;
const PAD_TO: usize = 4096;
/// Device id, signature, length.
const INNER_HEAD: usize = 16 + 64 + 4;
/// Room for the pieces around a body, the padding included.
const OVERHEAD: usize = HEAD + ENCAPPED + INNER_HEAD + PAD_TO + 16;
/// Most bytes of a description once it is unpacked.
const MAX_DESCRIPTION: u64 = 8 * 1024 * 1024;
const INFO: &[u8] = b"storewalk parcel 1";
const SIGNED: &[u8] = b"storewalk parcel signature 1";

/// Why bytes are no parcel that can be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParcelFault {
    /// It does not begin as a parcel does.
    #[error("recognise a parcel")]
    NotAParcel,
    /// It was packed by a newer release.
    #[error("read this version of a parcel")]
    NewerVersion,
    /// It is shorter or longer than it says.
    #[error("find as many bytes as the parcel announces")]
    Truncated,
    /// It is larger than a parcel may be.
    #[error("keep the parcel within its size")]
    TooLarge,
    /// It is sealed to another server's key.
    #[error("open a parcel for another server")]
    OtherServer,
    /// Its bytes were changed on the way.
    #[error("open the parcel unharmed")]
    Tampered,
    /// No key of the device it names has signed it.
    #[error("verify the device's signature")]
    BadSignature,
    /// It was sealed and signed well, but what it says cannot be read.
    #[error("read what the parcel says")]
    Unreadable,
}

impl ParcelFault {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAParcel => "parcel_unknown",
            Self::NewerVersion => "parcel_version",
            Self::Truncated => "parcel_truncated",
            Self::TooLarge => "parcel_too_large",
            Self::OtherServer => "parcel_other_server",
            Self::Tampered => "parcel_tampered",
            Self::BadSignature => "parcel_signature",
            Self::Unreadable => "parcel_unreadable",
        }
    }
}

/// The key a device signs its parcels with.
#[derive(Clone)]
pub struct DeviceKey(SigningKey);

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceKey").finish_non_exhaustive()
    }
}

impl DeviceKey {
    /// The key of 32 secret random bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public half; 64 hex digits.
    pub fn public(&self) -> String {
        to_hex(self.0.verifying_key().as_bytes())
    }
}

/// The key a server opens parcels with.
#[derive(Clone)]
pub struct ServerKey {
    secret: <Kem as hpke::Kem>::PrivateKey,
    public: [u8; 32],
}

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerKey").finish_non_exhaustive()
    }
}

impl ServerKey {
    /// The key of 32 secret random bytes; `None` for bytes that are no key.
    pub fn from_seed(seed: [u8; 32]) -> Option<Self> {
        let secret = <Kem as hpke::Kem>::PrivateKey::from_bytes(&seed).ok()?;
        let public = Kem::sk_to_pk(&secret).to_bytes().as_slice().try_into().ok()?;
        Some(Self { secret, public })
    }

    /// What phones are told.
    pub fn public(&self) -> CourierKey {
        CourierKey { id: to_hex(&key_id(&self.public)), public_key: to_hex(&self.public) }
    }
}

/// A parcel whose seal was opened; who signed it is still to be verified.
#[derive(Clone, Debug)]
pub struct OpenedParcel {
    device_id: DeviceId,
    key_id: [u8; 8],
    signature: [u8; 64],
    body: Vec<u8>,
}

impl OpenedParcel {
    /// The device it says it is from.
    pub fn device_id(&self) -> DeviceId {
        self.device_id
    }

    /// Reads it, if one of the device's public keys (64 hex digits each) has signed it. Gives the description and the
    /// raw bytes behind it.
    ///
    /// # Errors
    /// When none of the keys has signed it, or what it says cannot be read.
    pub fn read<'a>(self, keys: impl IntoIterator<Item = &'a str>) -> Result<(Parcel, Vec<u8>), ParcelFault> {
        let signature = Signature::from_bytes(&self.signature);
        let message = signed_bytes(self.key_id, self.device_id, &self.body);
        let is_own = keys
            .into_iter()
            .filter_map(|key| VerifyingKey::from_bytes(&from_hex(key)?).ok())
            .any(|key| key.verify_strict(&message, &signature).is_ok());
        if !is_own {
            return Err(ParcelFault::BadSignature);
        }
        let (parcel, bytes) = parse(&self.body).ok_or(ParcelFault::Unreadable)?;
        if parcel.device_id == self.device_id { Ok((parcel, bytes)) } else { Err(ParcelFault::Unreadable) }
    }
}

/// Seals a parcel to a server's key. `bytes` are the part of a photo it describes; empty with commands.
///
/// # Errors
/// When it would be larger than a parcel may be, or the key is none.
pub fn seal_parcel(parcel: &Parcel, bytes: &[u8], to: &CourierKey, by: &DeviceKey) -> Result<Vec<u8>, ParcelFault> {
    let public: [u8; 32] = from_hex(&to.public_key).ok_or(ParcelFault::OtherServer)?;
    let recipient = <Kem as hpke::Kem>::PublicKey::from_bytes(&public).map_err(|_| ParcelFault::OtherServer)?;
    let key_id = key_id(&public);
    let body = compose(parcel, bytes)?;
    let signature = by.0.sign(&signed_bytes(key_id, parcel.device_id, &body));
    let mut inner = Vec::with_capacity(INNER_HEAD + body.len() + PAD_TO);
    inner.extend_from_slice(parcel.device_id.0.as_bytes());
    inner.extend_from_slice(&signature.to_bytes());
    inner.extend_from_slice(&length(body.len())?);
    inner.extend_from_slice(&body);
    inner.resize(inner.len().next_multiple_of(PAD_TO), 0);
    let mut file = Vec::with_capacity(inner.len() + OVERHEAD);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&key_id);
    file.extend_from_slice(&length(ENCAPPED + inner.len() + 16)?);
    let (encapped, sealed) =
        hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(&OpModeS::Base, &recipient, INFO, &inner, &file)
            .map_err(|_| ParcelFault::OtherServer)?;
    file.extend_from_slice(&encapped.to_bytes());
    file.extend_from_slice(&sealed);
    if file.len() > MAX_PARCEL_BYTES { Err(ParcelFault::TooLarge) } else { Ok(file) }
}

/// Whether bytes look like a whole parcel, as far as somebody without the key can tell.
///
/// # Errors
/// What a carrier can see is wrong with them.
pub fn inspect_parcel(file: &[u8]) -> Result<(), ParcelFault> {
    head_of(file).map(|_| ())
}

/// Opens the seal of a parcel.
///
/// # Errors
/// Exactly what is wrong with it.
pub fn open_parcel(file: &[u8], keys: &[ServerKey]) -> Result<OpenedParcel, ParcelFault> {
    let id = head_of(file)?;
    let key = keys.iter().find(|key| key_id(&key.public) == id).ok_or(ParcelFault::OtherServer)?;
    let (head, rest) = file.split_at(HEAD);
    let (encapped, sealed) = rest.split_at(ENCAPPED);
    let encapped = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapped).map_err(|_| ParcelFault::Tampered)?;
    let inner = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &key.secret,
        &encapped,
        INFO,
        sealed,
        head,
    )
    .map_err(|_| ParcelFault::Tampered)?;
    split(&inner, id).ok_or(ParcelFault::Unreadable)
}

/// Checks the head; gives the id of the key.
fn head_of(file: &[u8]) -> Result<[u8; 8], ParcelFault> {
    if file.len() > MAX_PARCEL_BYTES {
        return Err(ParcelFault::TooLarge);
    }
    let begins_well = file.len().min(MAGIC.len()) > 0 && MAGIC.starts_with(&file[..file.len().min(MAGIC.len())]);
    if !begins_well {
        return Err(ParcelFault::NotAParcel);
    }
    let head = file.get(..HEAD).ok_or(ParcelFault::Truncated)?;
    if u16::from_le_bytes([head[8], head[9]]) != VERSION {
        return Err(ParcelFault::NewerVersion);
    }
    let announced = u32::from_le_bytes([head[18], head[19], head[20], head[21]]) as usize;
    if announced != file.len() - HEAD || announced < ENCAPPED + 16 {
        return Err(ParcelFault::Truncated);
    }
    head[10..18].try_into().map_err(|_| ParcelFault::Truncated)
}

fn split(inner: &[u8], key_id: [u8; 8]) -> Option<OpenedParcel> {
    let device_id: [u8; 16] = inner.get(..16)?.try_into().ok()?;
    let signature: [u8; 64] = inner.get(16..80)?.try_into().ok()?;
    let length = u32::from_le_bytes(inner.get(80..84)?.try_into().ok()?) as usize;
    let body = inner.get(INNER_HEAD..)?.get(..length)?.to_vec();
    Some(OpenedParcel { device_id: DeviceId(Uuid::from_bytes(device_id)), key_id, signature, body })
}

fn compose(parcel: &Parcel, bytes: &[u8]) -> Result<Vec<u8>, ParcelFault> {
    let json = serde_json::to_vec(parcel).map_err(|_| ParcelFault::Unreadable)?;
    let packed = zstd::encode_all(&json[..], 9).map_err(|_| ParcelFault::Unreadable)?;
    if packed.len() + bytes.len() + 4 + OVERHEAD > MAX_PARCEL_BYTES {
        return Err(ParcelFault::TooLarge);
    }
    let mut body = Vec::with_capacity(4 + packed.len() + bytes.len());
    body.extend_from_slice(&length(packed.len())?);
    body.extend_from_slice(&packed);
    body.extend_from_slice(bytes);
    Ok(body)
}

fn parse(body: &[u8]) -> Option<(Parcel, Vec<u8>)> {
    let length = u32::from_le_bytes(body.get(..4)?.try_into().ok()?) as usize;
    let rest = body.get(4..)?;
    let (packed, bytes) = (rest.get(..length)?, rest.get(length..)?);
    let mut json = Vec::new();
    zstd::Decoder::new(packed).ok()?.take(MAX_DESCRIPTION + 1).read_to_end(&mut json).ok()?;
    if json.len() as u64 > MAX_DESCRIPTION {
        return None;
    }
    Some((read_json(&json).ok()?, bytes.to_vec()))
}

fn signed_bytes(key_id: [u8; 8], device: DeviceId, body: &[u8]) -> Vec<u8> {
    [SIGNED, &key_id, device.0.as_bytes(), body].concat()
}

fn key_id(public: &[u8; 32]) -> [u8; 8] {
    let mut id = [0; 8];
    id.copy_from_slice(&blake3::hash(public).as_bytes()[..8]);
    id
}

fn length(bytes: usize) -> Result<[u8; 4], ParcelFault> {
    u32::try_from(bytes).map(u32::to_le_bytes).map_err(|_| ParcelFault::TooLarge)
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> = text.chars().map(|letter| letter.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    if digits.len() != 2 * N {
        return None;
    }
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests;
