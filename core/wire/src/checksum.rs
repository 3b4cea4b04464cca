//! What two sides compare to know that they hold the same rows.
//!
//! A bucket's checksum is the sum, modulo 2^64, of [`row_checksum`] over its rows: a row that enters adds its own, a row
//! that leaves takes it away, in any order, so both sides keep it up at the cost of the change alone.
//!
//! **Canonical form.** A row is hashed from its values, not from its text: names sorted, fields that are `null` left out
//! (a column that is empty and a field that is not there are the same), every value written as its length and its
//! bytes. Text is hashed as the bytes it is: no normal form of Unicode is applied. Whole numbers are written in decimal;
//! other numbers as the eight bytes of their IEEE 754 value, with −0 as 0, so that no platform's printing counts.
//!
//! **Non-goals.** It finds damage, not malice: 64 bits that anybody can compute.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Map, Number, Value};
use storewalk_domain::ids::RowId;

/// A sum of row checksums, modulo 2^64. Written as 16 hexadecimal digits: exact in any reader of JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Checksum(pub u64);

impl Checksum {
    /// With a row's checksum added.
    #[must_use]
    pub fn plus(self, row: Self) -> Self {
        Self(self.0.wrapping_add(row.0))
    }

    /// With a row's checksum taken away.
    #[must_use]
    pub fn minus(self, row: Self) -> Self {
        Self(self.0.wrapping_sub(row.0))
    }

    /// The same bits as a signed number, for a database's INTEGER.
    pub fn to_bits(self) -> i64 {
        i64::from_ne_bytes(self.0.to_ne_bytes())
    }

    /// The checksum of a database's INTEGER.
    pub fn from_bits(bits: i64) -> Self {
        Self(u64::from_ne_bytes(bits.to_ne_bytes()))
    }
}

impl std::fmt::Display for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for Checksum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checksum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sum = is_hex.then(|| u64::from_str_radix(&text, 16).ok()).flatten();
        sum.map(Self).ok_or_else(|| D::Error::custom("expected 16 hexadecimal digits"))
    }
}

/// The checksum of one row at a version: the first eight bytes, little-endian, of BLAKE3 over table, id, version and
/// canonical fields.
pub fn row_checksum(table: &str, id: RowId, version: u64, fields: &Map<String, Value>) -> Checksum {
    let mut canonical = Vec::with_capacity(512);
    put_head(&mut canonical, table, id, version);
    put_fields(&mut canonical, fields, true);
    first_eight(&canonical)
}

/// Reckons row checksums from fields as a reader meets them, without a [`Map`] in between. The same as [`row_checksum`]
/// for the same row.
#[derive(Debug, Default)]
pub struct RowSum {
    /// The canonical fields, in the order in which they came.
    fields: Vec<u8>,
    /// Where each begins and ends, and how long its name is.
    places: Vec<(usize, usize, usize)>,
    canonical: Vec<u8>,
}

impl RowSum {
    /// Forgets the fields of the row before.
    pub fn clear(&mut self) {
        self.fields.clear();
        self.places.clear();
    }

    /// Adds a field that holds text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.field(name, |out| put_text(out, text));
    }

    /// Adds a field that holds a whole number.
    pub fn whole(&mut self, name: &str, number: i64) {
        self.field(name, |out| put_whole(out, i128::from(number)));
    }

    /// Adds a field that holds yes or no.
    pub fn flag(&mut self, name: &str, flag: bool) {
        self.field(name, |out| put_flag(out, flag));
    }

    /// Adds a field of any kind; one that is `null` does not count.
    pub fn value(&mut self, name: &str, value: &Value) {
        if !value.is_null() {
            self.field(name, |out| put_value(out, value));
        }
    }

    /// The checksum of the fields added, which must have different names.
    pub fn finish(&mut self, table: &str, id: RowId, version: u64) -> Checksum {
        let fields = &self.fields;
        // Behind its kind and its length, a name begins nine bytes into its field.
        let name = |place: &(usize, usize, usize)| &fields[place.0 + 9..place.0 + 9 + place.2];
        self.places.sort_unstable_by(|one, other| name(one).cmp(name(other)));
        self.canonical.clear();
        put_head(&mut self.canonical, table, id, version);
        put_length(&mut self.canonical, b'{', self.places.len());
        for (begin, end, _) in &self.places {
            self.canonical.extend_from_slice(&self.fields[*begin..*end]);
        }
        first_eight(&self.canonical)
    }

    fn field(&mut self, name: &str, put: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.fields.len();
        put_text(&mut self.fields, name);
        put(&mut self.fields);
        self.places.push((begin, self.fields.len(), name.len()));
    }
}

fn put_head(out: &mut Vec<u8>, table: &str, id: RowId, version: u64) {
    put_text(out, table);
    out.extend_from_slice(id.as_bytes());
    out.extend_from_slice(&version.to_le_bytes());
}

fn first_eight(canonical: &[u8]) -> Checksum {
    let hash = blake3::hash(canonical);
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    Checksum(u64::from_le_bytes(first))
}

fn put_fields(out: &mut Vec<u8>, fields: &Map<String, Value>, is_row: bool) {
    let mut sorted: Vec<(&String, &Value)> = fields.iter().filter(|(_, value)| !(is_row && value.is_null())).collect();
    sorted.sort_unstable_by_key(|(name, _)| name.as_str());
    put_length(out, b'{', sorted.len());
    for (name, value) in sorted {
        put_text(out, name);
        put_value(out, value);
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Bool(flag) => put_flag(out, *flag),
        Value::Number(number) => put_number(out, number),
        Value::String(text) => put_text(out, text),
        Value::Array(items) => {
            put_length(out, b'[', items.len());
            for item in items {
                put_value(out, item);
            }
        }
        Value::Object(fields) => put_fields(out, fields, false),
    }
}

fn put_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(whole) = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)) {
        return put_whole(out, whole);
    }
    // Adding zero makes −0 into 0 and changes nothing else.
    let real = number.as_f64().unwrap_or_default() + 0.0;
    out.push(b'd');
    out.extend_from_slice(&real.to_le_bytes());
}

fn put_whole(out: &mut Vec<u8>, whole: i128) {
    out.push(b'i');
    out.extend_from_slice(&whole.to_le_bytes());
}

fn put_flag(out: &mut Vec<u8>, flag: bool) {
    out.push(if flag { b't' } else { b'f' });
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, b's', text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_length(out: &mut Vec<u8>, kind: u8, length: usize) {
    out.push(kind);
    out.extend_from_slice(&(length as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn sum(fields: &Value) -> Checksum {
        row_checksum("outlets", RowId(Uuid::from_u128(7)), 3, fields.as_object().expect("an object"))
    }

    #[test]
    fn the_order_of_names_and_an_empty_field_do_not_count() {
        let one = sum(&json!({ "name": "幸福路手机城", "fence_m": 150, "gln": null }));
        assert_eq!(one, sum(&json!({ "fence_m": 150, "name": "幸福路手机城" })));
        assert_ne!(one, sum(&json!({ "fence_m": 151, "name": "幸福路手机城" })));
    }

    #[test]
    fn what_differs_in_meaning_differs_in_sum() {
        let all = [
            json!({ "a": "" }),
            json!({}),
            json!({ "a": "1" }),
            json!({ "a": 1 }),
            json!({ "a": true }),
            json!({ "a": [null] }),
            json!({ "a": { "b": null } }),
            json!({ "a": {} }),
            json!({ "a": "\u{e9}" }),
            json!({ "a": "e\u{301}" }),
            json!({ "a": 9_007_199_254_740_993_i64 }),
            json!({ "a": 9_007_199_254_740_992_i64 }),
            json!({ "a": ["b", "c"] }),
            json!({ "a": ["bc", ""] }),
        ];
        let mut sums: Vec<u64> = all.iter().map(|fields| sum(fields).0).collect();
        sums.sort_unstable();
        sums.dedup();
        assert_eq!(sums.len(), all.len());
    }

    #[test]
    fn minus_zero_is_zero_and_a_sum_reads_back() {
        assert_eq!(sum(&json!({ "a": -0.0 })), sum(&json!({ "a": 0.0 })));
        let sum = Checksum(0xfeed_0000_0000_0001);
        assert_eq!(serde_json::to_string(&sum).expect("text"), "\"feed000000000001\"");
        assert_eq!(serde_json::from_str::<Checksum>("\"feed000000000001\"").expect("a sum"), sum);
        assert_eq!(Checksum::from_bits(sum.to_bits()), sum);
        for rubbish in ["\"\"", "7", "\"+eed000000000001\"", "\"feed0000000000012\""] {
            assert!(serde_json::from_str::<Checksum>(rubbish).is_err(), "{rubbish}");
        }
    }

    #[test]
    fn a_number_is_the_same_after_every_journey_as_text() {
        for text in ["30.590000000000003", "114.28571428571429", "0.1", "5e-324", "1.7976931348623157e308", "2.5e15"] {
            let number: Value = serde_json::from_str(text).expect("a number");
            let again: Value = serde_json::from_str(&number.to_string()).expect("a number");
            let exact: f64 = text.parse().expect("a number");
            assert_eq!(number.as_f64(), Some(exact), "{text}");
            assert_eq!(sum(&json!({ "a": number })), sum(&json!({ "a": again })), "{text}");
        }
    }

    #[test]
    fn fields_one_by_one_give_the_same_sum() {
        let fields =
            json!({ "name": "门店", "lat": 30.5, "pack": { "b": [1], "a": null }, "n": -3, "ok": false, "no": null });
        let mut row = RowSum::default();
        for _ in 0..2 {
            row.clear();
            row.flag("ok", false);
            row.whole("n", -3);
            row.text("name", "门店");
            for name in ["pack", "no", "lat"] {
                row.value(name, &fields[name]);
            }
            assert_eq!(row.finish("outlets", RowId(Uuid::from_u128(7)), 3), sum(&fields));
        }
    }

    #[test]
    fn the_value_is_frozen() {
        let fields = json!({ "id": "x", "name": { "zh": "门店", "en": "Shop" }, "lat": 30.5, "n": -3, "ok": false });
        assert_eq!(sum(&fields).to_string(), "d3a5fab89a5bfa52");
    }
}
