//! One row's JSON text into what its table's columns hold, with its checksum, in one pass.
//!
//! **Invariant.** What this gives is what the slow way gives (`serde_json` into a map, `row_checksum`, `put_fields`); a
//! row it will not read at a glance is left to the slow way, which decides.

use std::{borrow::Cow, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Row, Table},
};
use storewalk_sqlite::{Cell, ColumnKind, TableSpec, id_of, spec_of};
use storewalk_wire::{Checksum, RowSum};
use uuid::Uuid;

/// What a column holds, its text elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slot {
    Null,
    Integer(i64),
    Id([u8; 16]),
    /// From here to there in the batch's text.
    Text(usize, usize),
}

/// A row that is ready for its table.
#[derive(Debug)]
pub(super) struct ReadyRow {
    pub(super) id: RowId,
    pub(super) version: u64,
    pub(super) sum: Checksum,
    slots: usize,
    /// The row's own JSON: should the table refuse it, it is kept apart as it came.
    json: Range<usize>,
}

/// Rows of one table on their way from the reader to the writer.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) table: String,
    /// The table, if this release knows it.
    pub(super) known: Option<Table>,
    pub(super) ready: Vec<ReadyRow>,
    /// Rows left to the slow way: version and JSON.
    pub(super) slow: Vec<(u64, String)>,
    slots: Vec<Slot>,
    text: String,
}

impl Batch {
    pub(super) fn of(table: &str) -> Self {
        Self { table: table.to_owned(), known: table.parse().ok(), ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.ready.len() + self.slow.len()
    }

    /// Takes a row of its table in.
    pub(super) fn push(&mut self, version: u64, json: &str, sum: &mut RowSum) {
        let before = (self.slots.len(), self.text.len());
        if let Some(ready) = self.known.and_then(|table| self.read(table, version, json, sum)) {
            self.ready.push(ready);
        } else {
            self.slots.truncate(before.0);
            self.text.truncate(before.1);
            self.slow.push((version, json.to_owned()));
        }
    }

    /// What the columns of a row hold.
    pub(super) fn cells(&self, row: &ReadyRow) -> impl Iterator<Item = Cell<'_>> {
        let width = self.known.map_or(0, |table| spec_of(table).columns.len() + 2);
        self.slots[row.slots..row.slots + width].iter().map(|slot| match *slot {
            Slot::Null => Cell::Null,
            Slot::Integer(number) => Cell::Integer(number),
            Slot::Id(id) => Cell::Id(id),
            Slot::Text(begin, end) => Cell::Text(&self.text[begin..end]),
        })
    }

    /// A row as it came.
    pub(super) fn json(&self, row: &ReadyRow) -> &str {
        &self.text[row.json.clone()]
    }

    fn read(&mut self, table: Table, version: u64, text: &str, sum: &mut RowSum) -> Option<ReadyRow> {
        // A row that could not be read back would take every list it is in down with it.
        if !Row::is_readable(table, text) {
            return None;
        }
        let spec = spec_of(table);
        let slots = self.slots.len();
        self.slots.resize(slots + spec.columns.len() + 2, Slot::Null);
        sum.clear();
        let begin = self.text.len();
        self.text.push_str(text);
        let json = begin..self.text.len();
        let fields = Fields { spec, slots: &mut self.slots[slots..], text: &mut self.text, sum };
        let mut reader = serde_json::Deserializer::from_str(text);
        fields.deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        let Slot::Id(id) = self.slots[slots] else { return None };
        let id = RowId(Uuid::from_bytes(id));
        Some(ReadyRow { id, version, sum: sum.finish(&self.table, id, version), slots, json })
    }
}

struct Fields<'b> {
    spec: &'static TableSpec,
    slots: &'b mut [Slot],
    text: &'b mut String,
    sum: &'b mut RowSum,
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the fields of a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { spec, slots, text, sum } = self;
        let mut extra = Map::new();
        // Fields come in the order of the columns, as a rule.
        let mut next = 0;
        while let Some(Name(name)) = map.next_key()? {
            let name = name.as_ref();
            if name == "id" && slots[0] == Slot::Null {
                slots[0] = map.next_value_seed(Field { kind: ColumnKind::Id, name, text, sum })?;
                continue;
            }
            if name == "id" {
                return Err(A::Error::custom("a field twice"));
            }
            let columns = spec.columns;
            let after = columns[next..].iter().position(|(column, _)| *column == name).map(|place| next + place);
            if let Some(place) = after.or_else(|| columns.iter().position(|(column, _)| *column == name)) {
                // A name that comes twice: the slow way knows which one counts.
                if slots[place + 1] != Slot::Null {
                    return Err(A::Error::custom("a field twice"));
                }
                slots[place + 1] = map.next_value_seed(Field { kind: columns[place].1, name, text, sum })?;
                next = place + 1;
            } else {
                let value: Value = map.next_value()?;
                sum.value(name, &value);
                if extra.insert(name.to_owned(), value).is_some() {
                    return Err(A::Error::custom("a field twice"));
                }
            }
        }
        if !extra.is_empty() {
            slots[spec.columns.len() + 1] = put(text, &Value::Object(extra).to_string());
        }
        Ok(())
    }
}

fn put(text: &mut String, added: &str) -> Slot {
    let begin = text.len();
    text.push_str(added);
    Slot::Text(begin, text.len())
}

/// The value of one column.
struct Field<'b> {
    kind: ColumnKind,
    name: &'b str,
    text: &'b mut String,
    sum: &'b mut RowSum,
}

impl<'de> DeserializeSeed<'de> for Field<'_> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Slot, D::Error> {
        if self.kind != ColumnKind::Json {
            return deserializer.deserialize_any(self);
        }
        let value = Value::deserialize(deserializer)?;
        self.sum.value(self.name, &value);
        Ok(if value.is_null() { Slot::Null } else { put(self.text, &value.to_string()) })
    }
}

impl Visitor<'_> for Field<'_> {
    type Value = Slot;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a value of kind {:?}", self.kind)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Slot, E> {
        let slot = match self.kind {
            ColumnKind::Id => Slot::Id(id_of(value).ok_or_else(|| E::custom("no id"))?),
            ColumnKind::Text => put(self.text, value),
            _ => return Err(E::custom("text")),
        };
        self.sum.text(self.name, value);
        Ok(slot)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Slot, E> {
        if self.kind != ColumnKind::Integer {
            return Err(E::custom("a number"));
        }
        self.sum.whole(self.name, value);
        Ok(Slot::Integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Slot, E> {
        let value = i64::try_from(value).map_err(E::custom)?;
        self.visit_i64(value)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Slot, E> {
        if self.kind != ColumnKind::Bool {
            return Err(E::custom("a flag"));
        }
        self.sum.flag(self.name, value);
        Ok(Slot::Integer(i64::from(value)))
    }

    fn visit_unit<E: Error>(self) -> Result<Slot, E> {
        Ok(Slot::Null)
    }
}
