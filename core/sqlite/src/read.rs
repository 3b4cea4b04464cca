//! A stored row straight into its entity, without a JSON map in between.
//!
//! **Invariant.** What this reads is what the way over the map reads. A row with fields of another release, which may
//! say more than its columns, is left to that way.

use rusqlite::types::ValueRef;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::Error;
use uuid::Uuid;

use crate::{ColumnKind, TableSpec};

/// A row that stands at `id, …columns…, extra`.
pub(crate) struct RowReader<'r, 's> {
    spec: &'static TableSpec,
    row: &'r rusqlite::Row<'s>,
    /// The column whose value comes next: 0 is `id`.
    next: usize,
}

impl<'r, 's> RowReader<'r, 's> {
    /// A reader of a row; `None` for one with fields of another release.
    pub(crate) fn of(spec: &'static TableSpec, row: &'r rusqlite::Row<'s>) -> Result<Option<Self>, rusqlite::Error> {
        let has_extra = !matches!(row.get_ref(spec.columns.len() + 1)?, ValueRef::Null);
        Ok((!has_extra).then_some(Self { spec, row, next: 0 }))
    }

    fn column(&self) -> Option<(&'static str, ColumnKind)> {
        match self.next.checked_sub(1) {
            None => Some(("id", ColumnKind::Id)),
            Some(place) => self.spec.columns.get(place).copied(),
        }
    }
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
        let row: &'de rusqlite::Row<'_> = self.row;
        let value = row.get_ref(self.next).map_err(Error::custom)?;
        self.next += 1;
        match (kind, value) {
            (ColumnKind::Json, ValueRef::Text(bytes)) => {
                let mut reader = serde_json::Deserializer::from_slice(bytes);
                let read = seed.deserialize(&mut reader)?;
                reader.end().map(|()| read)
            }
            _ => seed.deserialize(Cell { name, kind, value }),
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
