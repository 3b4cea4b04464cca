//! Receipts: the server's signed word that it has worked through a command or holds a photo.
//!
//! **What is signed.** A text of lines that both sides can write by themselves, so that one signature of 64 bytes
//! travels for a whole answer. A receipt that a person can carry away is this text with its signature; nothing else is
//! needed to check it (Ed25519, RFC 8032, over the bytes of the text). Every line ends with a line feed.
//!
//! ```text
//! storewalk receipt 1
//! key <key id>
//! device <device id>
//! at <server's clock, milliseconds since 1970 UTC>
//! command <seq> <command id> <SHA-256 of the command, see CommandDigest> <length> <applied|held|changed|refused>
//! ```
//!
//! with one `command` line for each result, in the order of the answer; or, for a photo, one line
//!
//! ```text
//! photo <photo id> <thumbnail|original> <SHA-256 of the file> <length>
//! ```
//!
//! **Non-goals.** It says what the server took in, not that the server was right.

use std::fmt::Write;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use sha2::{Digest, Sha256};
use storewalk_domain::{ids::DeviceId, time::Timestamp};

use crate::{CommandResult, CommandVerdict, Envelope, UploadRequest};

/// What a command says, in short.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommandDigest {
    /// SHA-256 of the schema (four bytes, big-endian) and the canonical form.
    pub sha256: [u8; 32],
    /// Length of the canonical form in bytes.
    pub bytes: u64,
}

impl CommandDigest {
    /// The digest of a command. In the canonical form an object is `{`, its fields with their names sorted by their
    /// bytes, `}`; a list is `[`, its items, `]`; every name and every other value is its JSON text and a comma. The
    /// order in which a phone happens to write fields does not matter.
    pub fn of(command: &Value, schema: u32) -> Self {
        let mut canonical = schema.to_be_bytes().to_vec();
        put(&mut canonical, command);
        Self { sha256: Sha256::digest(&canonical).into(), bytes: canonical.len() as u64 - 4 }
    }
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            out.push(b'{');
            for name in names {
                put_scalar(out, &Value::String(name.clone()));
                put(out, &fields[name]);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                put(out, item);
            }
            out.push(b']');
        }
        scalar => put_scalar(out, scalar),
    }
}

/// JSON text ends where it ends for strings, but not for numbers: the comma keeps `1, 2` from `12`.
fn put_scalar(out: &mut Vec<u8>, scalar: &Value) {
    out.extend_from_slice(scalar.to_string().as_bytes());
    out.push(b',');
}

/// The public half of a server's key (Ed25519). Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReceiptKey(pub [u8; 32]);

impl ReceiptKey {
    /// A short name: the first eight bytes of its SHA-256, as 16 hexadecimal digits.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.0)[..8])
    }

    /// The public half of a secret seed.
    pub fn of_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed).verifying_key().to_bytes())
    }

    /// Whether a signature is this key's over a text. Strict: a key of small order or a signature of another form of
    /// the same number is none.
    pub fn has_signed(&self, text: &str, signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

/// An Ed25519 signature. Written as 128 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature(pub [u8; 64]);

impl Signature {
    /// Signs a text with a secret seed.
    pub fn of(seed: &[u8; 32], text: &str) -> Self {
        Self(SigningKey::from_bytes(seed).sign(text.as_bytes()).to_bytes())
    }
}

/// The receipt for every result of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchReceipt {
    /// The key it is signed with.
    pub key: ReceiptKey,
    /// The signature over [`batch_text`], whose instant is the answer's `server_at`.
    pub signature: Signature,
}

/// The receipt for the bytes of a photo.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PhotoReceipt {
    /// The key it is signed with.
    pub key: ReceiptKey,
    /// When it was signed, by the server's clock.
    pub at: Timestamp,
    /// The signature over [`photo_text`].
    pub signature: Signature,
}

impl PhotoReceipt {
    /// As the header `Storewalk-Receipt` has it: the key, the instant in milliseconds and the signature, with a space
    /// between.
    pub fn to_text(&self) -> String {
        format!("{} {} {}", hex(&self.key.0), self.at.0, hex(&self.signature.0))
    }

    /// Reads the header; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let key = ReceiptKey(unhex(parts.next()?)?);
        let at = Timestamp(parts.next()?.parse().ok()?);
        let signature = Signature(unhex(parts.next()?)?);
        parts.next().is_none().then_some(Self { key, at, signature })
    }
}

/// The text a batch's receipt signs. `None` when a result answers none of the commands: then nobody can say what the
/// signature is for.
pub fn batch_text(
    key: &ReceiptKey,
    device: DeviceId,
    at: Timestamp,
    commands: &[Envelope],
    results: &[CommandResult],
) -> Option<String> {
    let mut text = head(key, device, at);
    // Results come in the order of the commands, so the next one is nearly always the one asked for.
    let mut rest = commands.iter();
    for result in results {
        let is_asked = |envelope: &&Envelope| envelope.seq == result.seq && envelope.command_id == result.command_id;
        let envelope = rest.by_ref().find(is_asked)?;
        let digest = CommandDigest::of(&envelope.command, envelope.schema);
        let verdict = verdict_word(&result.verdict);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "command {} {} {} {} {verdict}",
            result.seq,
            result.command_id,
            hex(&digest.sha256),
            digest.bytes
        );
    }
    Some(text)
}

/// The text a photo's receipt signs.
pub fn photo_text(key: &ReceiptKey, device: DeviceId, at: Timestamp, upload: &UploadRequest) -> String {
    let UploadRequest { photo_id, variant, size_bytes, sha256 } = upload;
    format!("{}photo {photo_id} {} {sha256} {size_bytes}\n", head(key, device, at), variant.as_str())
}

fn head(key: &ReceiptKey, device: DeviceId, at: Timestamp) -> String {
    format!("storewalk receipt 1\nkey {}\ndevice {device}\nat {}\n", key.id(), at.0)
}

/// How a command ended, in one word.
pub fn verdict_word(verdict: &CommandVerdict) -> &'static str {
    match verdict {
        CommandVerdict::Applied => "applied",
        CommandVerdict::Held { .. } => "held",
        CommandVerdict::Changed { .. } => "changed",
        CommandVerdict::Refused { .. } => "refused",
    }
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of hexadecimal digits; `None` when they are none, or not so many.
pub fn unhex<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    if text.len() != LENGTH * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, place) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn read_hex<'de, D: Deserializer<'de>, const LENGTH: usize>(deserializer: D) -> Result<[u8; LENGTH], D::Error> {
    let text = String::deserialize(deserializer)?;
    unhex(&text).ok_or_else(|| D::Error::custom(format!("expected {} hexadecimal digits", LENGTH * 2)))
}

impl Serialize for ReceiptKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for ReceiptKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_hex(deserializer).map(Self)
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_hex(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_fields_does_not_matter_and_everything_else_does() {
        let hash = |value: &Value| CommandDigest::of(value, 1);
        assert_eq!(hash(&json!({ "a": 1, "b": [2] })), hash(&json!({ "b": [2], "a": 1 })));
        assert_ne!(hash(&json!({ "a": 1 })), hash(&json!({ "a": "1" })));
        assert_ne!(hash(&json!([1, 2])), hash(&json!([12])));
        assert_ne!(hash(&json!([1, 2])), hash(&json!([2, 1])));
        assert_ne!(hash(&json!({ "a": {} })), hash(&json!({ "a": [] })));
        assert_ne!(CommandDigest::of(&json!(1), 1), CommandDigest::of(&json!(1), 2));
    }

    #[test]
    fn a_signature_holds_for_its_text_and_its_key_alone() {
        let (seed, text) = ([3; 32], "storewalk receipt 1\n");
        let key = ReceiptKey::of_seed(&seed);
        let signature = Signature::of(&seed, text);
        assert!(key.has_signed(text, &signature));
        assert!(!key.has_signed("storewalk receipt 2\n", &signature));
        assert!(!ReceiptKey::of_seed(&[4; 32]).has_signed(text, &signature));
        let mut bent = signature;
        bent.0[63] ^= 1;
        assert!(!key.has_signed(text, &bent));
        assert!(!ReceiptKey([0xFF; 32]).has_signed(text, &signature), "no point of the curve");
    }

    #[test]
    fn digits_are_read_as_they_were_written_and_nothing_else_is() {
        let bytes = [0, 1, 0xAB, 0xFF];
        assert_eq!(unhex::<4>(&hex(&bytes)), Some(bytes));
        for wrong in ["", "0", "0001abf", "0001abfg", "0001abff00", "+001abff", "00 1abff", "é01abff"] {
            assert_eq!(unhex::<4>(wrong), None, "{wrong}");
        }
    }
}
