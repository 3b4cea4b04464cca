//! JSON from bytes.

use serde::de::{DeserializeOwned, Error};

/// Reads a value from the bytes of a JSON text, which must be UTF-8 to its last field.
///
/// Everything the phone reads is read as text, be it a column, a body or a file: each kind of reader is code of its own
/// for every type, and the phone's library carries it all.
///
/// # Errors
/// When the bytes are no UTF-8, or the text is not such a value.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_str(std::str::from_utf8(bytes).map_err(serde_json::Error::custom)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_no_json() {
        assert_eq!(read_json::<String>("\"门店\"".as_bytes()).expect("a text"), "门店");
        assert!(read_json::<String>(b"\"\xff\"").is_err());
        assert!(read_json::<String>(b"\"a\" b").is_err());
    }
}
