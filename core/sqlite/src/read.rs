//! A stored row straight into its entity, without a JSON map in between.
//!
//! **Invariant.** What this reads is what its fields, as [`crate::get_fields`] gives them, say: a field that an earlier
//! release had to keep apart counts before its column. JSON is read as text, as everywhere else: each kind of reader is
//! code of its own for every kind of row.

use rusqlite::types::ValueRef;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Error, Value};
use uuid::Uuid;

use crate::{ColumnKind, SqliteError, TableSpec};

/// Values of columns that lie in `extra`, as JSON text; none as a rule.
pub(crate) type Overlaid = Vec<(&'static str, String)>;

/// A row that stands at `id, …columns…, extra`.
pub(crate) struct RowReader<'r, 's> {
    spec: &'static TableSpec,
    row: &'r rusqlite::Row<'s>,
    overlaid: &'r Overlaid,
    /// The column whose value comes next: 0 is `id`.
    next: usize,
}

impl<'r, 's> RowReader<'r, 's> {
    /// A reader of a row, with what [`overlaid`] says of it.
    pub(crate) fn of(spec: &'static TableSpec, row: &'r rusqlite::Row<'s>, overlaid: &'r Overlaid) -> Self {
        Self { spec, row, overlaid, next: 0 }
    }

    fn column(&self) -> Option<(&'static str, ColumnKind)> {
        match self.next.checked_sub(1) {
            None => Some(("id", ColumnKind::Id)),
            Some(place) => self.spec.columns.get(place).copied(),
        }
    }
}

/// The columns whose value a row keeps in `extra`.
pub(crate) fn overlaid(spec: &'static TableSpec, row: &rusqlite::Row<'_>) -> Result<Overlaid, SqliteError> {
    let (table, column) = (spec.table.name(), "extra");
    let extra = match row.get_ref(spec.columns.len() + 1)? {
        ValueRef::Null => return Ok(Vec::new()),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    };
    let extra = serde_json::from_str(extra.ok_or(SqliteError::Column { table, column })?);
    let Value::Object(extra) = extra.map_err(|source| SqliteError::Shape { table, source })? else {
        return Ok(Vec::new());
    };
    let names = std::iter::once("id").chain(spec.columns.iter().map(|(name, _)| *name));
    Ok(names.filter_map(|name| Some((name, extra.get(name)?.to_string()))).collect())
}

/// A value from its text, to the text's end.
fn read_text<'de, T: DeserializeSeed<'de>>(seed: T, text: &'de str) -> Result<T::Value, Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = seed.deserialize(&mut reader)?;
    reader.end().map(|()| read)
}

impl<'de> Deserializer<'de> for RowReader<'de, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for RowReader<'de, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let name =
            |(name, _): (&'static str, ColumnKind)| -> StrDeserializer<'static, Error> { name.into_deserializer() };
        self.column().map(|column| seed.deserialize(name(column))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let (name, kind) = self.column().ok_or_else(|| Error::custom("a value without a column"))?;
        let (row, overlaid): (&'de rusqlite::Row<'_>, &'de Overlaid) = (self.row, self.overlaid);
        let value = row.get_ref(self.next).map_err(Error::custom)?;
        self.next += 1;
        if let Some((_, text)) = overlaid.iter().find(|(column, _)| *column == name) {
            return read_text(seed, text);
        }
        let cell = Cell { name, kind, value };
        match (kind, value) {
            (ColumnKind::Json, ValueRef::Text(bytes)) => read_text(seed, cell.text(bytes)?),
            _ => seed.deserialize(cell),
        }
    }
}

/// What one column holds, JSON apart.
struct Cell<'r> {
    name: &'static str,
    kind: ColumnKind,
    value: ValueRef<'r>,
}

impl<'r> Cell<'r> {
    fn fault(&self) -> Error {
        Error::custom(format!("the column {} holds what it cannot hold", self.name))
    }

    fn text(&self, bytes: &'r [u8]) -> Result<&'r str, Error> {
        std::str::from_utf8(bytes).map_err(|_| self.fault())
    }
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (self.kind, self.value) {
            (_, ValueRef::Null) => visitor.visit_unit(),
            (ColumnKind::Id, ValueRef::Blob(bytes)) => {
                let id = Uuid::from_slice(bytes).map_err(|_| self.fault())?;
                visitor.visit_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }
            (ColumnKind::Integer, ValueRef::Integer(number)) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_i64(number),
            },
            (ColumnKind::Bool, ValueRef::Integer(number)) => visitor.visit_bool(number != 0),
            (ColumnKind::Text, ValueRef::Text(bytes)) => visitor.visit_str(self.text(bytes)?),
            _ => Err(self.fault()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value == ValueRef::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match (self.kind, self.value) {
            (ColumnKind::Text, ValueRef::Text(bytes)) => {
                visitor.visit_enum(IntoDeserializer::<Error>::into_deserializer(self.text(bytes)?))
            }
            _ => Err(self.fault()),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use serde_json::{Value, json};
    use storewalk_domain::{
        ids::{RowId, TerritoryId},
        outlet::Territory,
        sync::{Entity, Row, Table},
        text::Localized,
    };
    use uuid::Uuid;

    use crate::{SYNCED_STEPS, get_fields, get_row, migrate, put_row};

    const TERRITORIES: Table = Table::Territories;

    fn kept() -> (Connection, RowId) {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection, SYNCED_STEPS).expect("schema");
        let id = TerritoryId(Uuid::from_u128(5));
        let name = Localized::new("江城", "Jiangcheng");
        let territory = Territory { id, code: "T1".into(), name, region_code: "jiangcheng".into() };
        put_row(&connection, &territory.clone().into_row()).expect("put");
        (connection, territory.row_id())
    }

    #[test]
    fn a_row_reads_as_its_fields_say_whatever_of_it_lies_apart() {
        let later = json!({
            "id": Uuid::from_u128(6), "code": "T\u{1F600}", "name": { "zh": "𠮷㐂", "en": "Twins", "fr": "Jumeaux" },
            "region_code": "东", "team_size": 3,
        });
        let Value::Object(later) = later else { panic!("an object") };
        for which in 0..1_u32 << later.len() {
            let (connection, id) = kept();
            let is_apart = |(place, field): (usize, (&String, &Value))| {
                (which >> place & 1 == 1).then(|| (field.0.clone(), field.1.clone()))
            };
            let apart = Value::Object(later.iter().enumerate().filter_map(is_apart).collect()).to_string();
            connection.execute("UPDATE territories SET extra = ?", [&apart]).expect("as it was left");
            let fields = get_fields(&connection, TERRITORIES, id).expect("get").expect("there");
            let said = Row::from_json(TERRITORIES, Value::Object(fields)).expect("a territory");
            assert_eq!(get_row(&connection, TERRITORIES, id).expect("get"), Some(said), "{apart}");
        }
    }

    #[test]
    fn what_lies_apart_and_is_not_of_its_kind_makes_the_row_unreadable_and_nothing_worse() {
        let (connection, id) = kept();
        for apart in [r#"{"name": 4}"#, r#"{"code": null}"#, "{"] {
            connection.execute("UPDATE territories SET extra = ?", [apart]).expect("as it was left");
            assert!(get_row(&connection, TERRITORIES, id).is_err(), "{apart}");
        }
    }
}
