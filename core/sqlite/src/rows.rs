//! Rows in and out of their tables, by the columns each table declares.

use std::{collections::BTreeMap, sync::LazyLock};

use rusqlite::{
    Connection, OptionalExtension, Params,
    types::{Value as SqlValue, ValueRef},
};
use serde_json::{Map, Value};
use storewalk_domain::{
    ids::RowId,
    sync::{Entity, Row, Table},
};
use uuid::Uuid;

use crate::{
    ColumnKind, SqliteError, TableSpec, id_blob,
    read::{RowReader, overlaid},
    spec_of,
};

/// The statements of one table.
struct Statements {
    /// Writes the known columns, leaves `extra`.
    put_known: String,
    /// Writes all columns.
    put_whole: String,
    get: String,
    get_extra: String,
    remove: String,
    /// `id, …, extra`, for queries of a noun's own.
    select: String,
}

static STATEMENTS: LazyLock<BTreeMap<Table, Statements>> =
    LazyLock::new(|| Table::ALL.iter().map(|table| (*table, statements(spec_of(*table)))).collect());

fn statements(spec: &TableSpec) -> Statements {
    let name = spec.table.name();
    let columns: Vec<&str> = spec.columns.iter().map(|(column, _)| *column).collect();
    let list = columns.join(", ");
    let marks = vec!["?"; columns.len()].join(", ");
    let updates = columns.iter().map(|column| format!("{column} = excluded.{column}")).collect::<Vec<_>>().join(", ");
    let select = format!("SELECT id, {list}, extra FROM {name}");
    Statements {
        put_known: format!(
            "INSERT INTO {name} (id, {list}) VALUES (?, {marks}) \
             ON CONFLICT (id) DO UPDATE SET {updates}, extra = {}",
            extra_without(name, &columns)
        ),
        put_whole: format!(
            "INSERT INTO {name} (id, {list}, extra) VALUES (?, {marks}, ?) \
             ON CONFLICT (id) DO UPDATE SET {updates}, extra = excluded.extra"
        ),
        get: format!("{select} WHERE id = ?"),
        get_extra: format!("SELECT extra FROM {name} WHERE id = ? AND extra IS NOT NULL"),
        remove: format!("DELETE FROM {name} WHERE id = ?"),
        select,
    }
}

/// `extra` without the fields that have a column. A release that had no column for a field left its value there; once
/// this one has decided the field, the column holds it, and what lies in `extra` is of before.
fn extra_without(table: &str, columns: &[&str]) -> String {
    let paths: Vec<String> = columns.iter().map(|column| format!("'$.{column}'")).collect();
    format!(
        "CASE WHEN {table}.extra IS NOT NULL THEN nullif(json_remove({table}.extra, {}), '{{}}') END",
        paths.join(", ")
    )
}

/// The statement that writes all columns of a table: `id`, those it declares, `extra`.
pub(crate) fn put_whole_sql(table: Table) -> &'static str {
    &statements_of(table).put_whole
}

fn statements_of(table: Table) -> &'static Statements {
    &STATEMENTS[&table]
}

/// Writes a row as a decision made it. Fields of a newer release that the row already has stay; a field that has a column
/// is in the column alone from then on. With what [`get_extra`] gives, the fields given back are those that
/// [`get_fields`] would give now, except that empty ones may be missing.
///
/// # Errors
/// When the database refuses, or a field does not fit its column.
pub fn put_row(connection: &Connection, row: &Row) -> Result<Map<String, Value>, SqliteError> {
    let spec = spec_of(row.table());
    let fields = row.to_json().map_err(|source| SqliteError::Shape { table: spec.table.name(), source })?;
    let Value::Object(fields) = fields else {
        return Err(SqliteError::Column { table: spec.table.name(), column: "id" });
    };
    let values = known_values(spec, row.id(), &fields)?;
    let mut statement = connection.prepare_cached(&statements_of(spec.table).put_known)?;
    statement.execute(rusqlite::params_from_iter(values))?;
    Ok(fields)
}

/// The fields of a newer release that a row has; empty as a rule.
///
/// # Errors
/// When the database refuses or they are not readable.
pub fn get_extra(connection: &Connection, table: Table, id: RowId) -> Result<Map<String, Value>, SqliteError> {
    let mut statement = connection.prepare_cached(&statements_of(table).get_extra)?;
    let extra: Option<String> = statement.query_row([id_blob(id)], |row| row.get(0)).optional()?;
    extra.map_or_else(|| Ok(Map::new()), |extra| serde_json::from_str(&extra).map_err(|source| shape(table, source)))
}

/// Writes a row as it came over the wire, unknown fields included.
///
/// # Errors
/// When the database refuses, or a field is missing or does not fit its column.
pub fn put_fields(
    connection: &Connection,
    table: Table,
    id: RowId,
    fields: &Map<String, Value>,
) -> Result<(), SqliteError> {
    let spec = spec_of(table);
    let mut values = known_values(spec, id, fields)?;
    let is_known = |name: &str| name == "id" || spec.columns.iter().any(|(column, _)| *column == name);
    let extra: Map<String, Value> =
        fields.iter().filter(|(name, _)| !is_known(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    values.push(if extra.is_empty() { SqlValue::Null } else { SqlValue::Text(Value::Object(extra).to_string()) });
    let mut statement = connection.prepare_cached(&statements_of(table).put_whole)?;
    statement.execute(rusqlite::params_from_iter(values))?;
    Ok(())
}

/// Removes a row; it may already be gone.
///
/// # Errors
/// When the database refuses.
pub fn remove_row(connection: &Connection, table: Table, id: RowId) -> Result<(), SqliteError> {
    connection.prepare_cached(&statements_of(table).remove)?.execute([id_blob(id)])?;
    Ok(())
}

/// The fields of a row, unknown ones included.
///
/// # Errors
/// When the database refuses or the stored row is not readable.
pub fn get_fields(connection: &Connection, table: Table, id: RowId) -> Result<Option<Map<String, Value>>, SqliteError> {
    let spec = spec_of(table);
    let mut statement = connection.prepare_cached(&statements_of(table).get)?;
    statement.query_row([id_blob(id)], |row| Ok(read_fields(spec, row))).optional()?.transpose()
}

/// A row by its identity.
///
/// # Errors
/// When the database refuses or the stored row is not readable.
pub fn get_row(connection: &Connection, table: Table, id: RowId) -> Result<Option<Row>, SqliteError> {
    let mut statement = connection.prepare_cached(&statements_of(table).get)?;
    statement.query_row([id_blob(id)], |row| Ok(read_row(table, row))).optional()?.transpose()
}

/// The entities a noun's own query selects. `tail` is what follows `SELECT … FROM table`: `WHERE`, `ORDER BY`, `LIMIT`.
///
/// # Errors
/// When the database refuses or a stored row is not readable.
pub fn select<T: Entity>(connection: &Connection, tail: &str, params: impl Params) -> Result<Vec<T>, SqliteError> {
    let rows = select_rows(connection, T::TABLE, tail, params)?;
    Ok(rows.into_iter().filter_map(T::from_row).collect())
}

/// The same as [`select`], for tables chosen at run time.
///
/// # Errors
/// When the database refuses or a stored row is not readable.
pub(crate) fn select_rows(
    connection: &Connection,
    table: Table,
    tail: &str,
    params: impl Params,
) -> Result<Vec<Row>, SqliteError> {
    let mut statement = connection.prepare_cached(&format!("{} {tail}", statements_of(table).select))?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_row(table, row)?);
    }
    Ok(found)
}

/// The same as [`select`], as fields, for tables chosen at run time.
///
/// # Errors
/// When the database refuses or a stored row is not readable.
pub fn select_fields(
    connection: &Connection,
    table: Table,
    tail: &str,
    params: impl Params,
) -> Result<Vec<Map<String, Value>>, SqliteError> {
    let spec = spec_of(table);
    let mut statement = connection.prepare_cached(&format!("{} {tail}", statements_of(table).select))?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read_fields(spec, row)?);
    }
    Ok(found)
}

fn read_row(table: Table, row: &rusqlite::Row<'_>) -> Result<Row, SqliteError> {
    let spec = spec_of(table);
    let overlaid = overlaid(spec, row)?;
    Row::read(table, RowReader::of(spec, row, &overlaid)).map_err(|source| shape(table, source))
}

fn shape(table: Table, source: serde_json::Error) -> SqliteError {
    SqliteError::Shape { table: table.name(), source }
}

fn known_values(spec: &TableSpec, id: RowId, fields: &Map<String, Value>) -> Result<Vec<SqlValue>, SqliteError> {
    let mut values = Vec::with_capacity(spec.columns.len() + 2);
    values.push(SqlValue::Blob(id.as_bytes().to_vec()));
    for (column, kind) in spec.columns {
        let value = fields.get(*column).unwrap_or(&Value::Null);
        let value = to_sql(*kind, value).ok_or(SqliteError::Column { table: spec.table.name(), column })?;
        values.push(value);
    }
    Ok(values)
}

fn to_sql(kind: ColumnKind, value: &Value) -> Option<SqlValue> {
    if value.is_null() {
        return Some(SqlValue::Null);
    }
    match kind {
        ColumnKind::Id => crate::cells::id_of(value.as_str()?).map(|id| SqlValue::Blob(id.to_vec())),
        ColumnKind::Integer => value.as_i64().map(SqlValue::Integer),
        ColumnKind::Bool => value.as_bool().map(|flag| SqlValue::Integer(i64::from(flag))),
        ColumnKind::Text => value.as_str().map(|text| SqlValue::Text(text.to_owned())),
        ColumnKind::Json => Some(SqlValue::Text(value.to_string())),
    }
}

fn read_fields(spec: &TableSpec, row: &rusqlite::Row<'_>) -> Result<Map<String, Value>, SqliteError> {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), from_sql(spec, "id", ColumnKind::Id, row.get_ref(0)?)?);
    for (index, (column, kind)) in spec.columns.iter().enumerate() {
        fields.insert((*column).to_owned(), from_sql(spec, column, *kind, row.get_ref(index + 1)?)?);
    }
    if let Value::Object(extra) = from_sql(spec, "extra", ColumnKind::Json, row.get_ref(spec.columns.len() + 1)?)? {
        fields.extend(extra);
    }
    Ok(fields)
}

fn from_sql(
    spec: &TableSpec,
    column: &'static str,
    kind: ColumnKind,
    value: ValueRef<'_>,
) -> Result<Value, SqliteError> {
    let fault = || SqliteError::Column { table: spec.table.name(), column };
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| fault());
    Ok(match (kind, value) {
        (_, ValueRef::Null) => Value::Null,
        (ColumnKind::Id, ValueRef::Blob(bytes)) => {
            Value::String(Uuid::from_slice(bytes).map_err(|_| fault())?.to_string())
        }
        (ColumnKind::Integer, ValueRef::Integer(number)) => Value::from(number),
        (ColumnKind::Bool, ValueRef::Integer(number)) => Value::Bool(number != 0),
        (ColumnKind::Text, ValueRef::Text(bytes)) => Value::String(text(bytes)?.to_owned()),
        (ColumnKind::Json, ValueRef::Text(bytes)) => {
            serde_json::from_str(text(bytes)?).map_err(|source| shape(spec.table, source))?
        }
        _ => return Err(fault()),
    })
}

#[cfg(test)]
mod tests {
    use storewalk_domain::{
        ids::{OutletId, TerritoryId},
        outlet::{CallPlan, Territory},
        text::Localized,
        time::BusinessDate,
    };

    use super::*;
    use crate::{SYNCED_STEPS, migrate};

    fn database() -> Connection {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection, SYNCED_STEPS).expect("schema");
        connection
    }

    fn plan() -> CallPlan {
        CallPlan {
            id: storewalk_domain::ids::CallPlanId(Uuid::from_u128(1)),
            outlet_id: OutletId(Uuid::from_u128(2)),
            territory_id: TerritoryId(Uuid::from_u128(3)),
            rrule: "FREQ=DAILY".into(),
            starts_on: BusinessDate::parse("2025-03-03").expect("valid"),
            position: 4,
        }
    }

    #[test]
    fn every_table_has_exactly_the_columns_it_declares() {
        let connection = database();
        for table in Table::ALL {
            let mut declared: Vec<&str> = spec_of(*table).columns.iter().map(|(column, _)| *column).collect();
            declared.extend(["id", "extra"]);
            declared.sort_unstable();
            let mut statement =
                connection.prepare("SELECT name FROM pragma_table_info(?) ORDER BY name").expect("pragma");
            let present: Vec<String> = statement
                .query_map([table.name()], |row| row.get(0))
                .expect("query")
                .collect::<Result<_, _>>()
                .expect("names");
            assert_eq!(present, declared, "{}", table.name());
        }
    }

    #[test]
    fn a_row_reads_back_as_it_was_written() {
        let connection = database();
        put_row(&connection, &plan().into_row()).expect("put");
        let back = get_row(&connection, Table::CallPlans, plan().row_id()).expect("get");
        assert_eq!(back, Some(plan().into_row()));
        remove_row(&connection, Table::CallPlans, plan().row_id()).expect("remove");
        assert_eq!(get_row(&connection, Table::CallPlans, plan().row_id()).expect("get"), None);
    }

    #[test]
    fn a_field_of_a_newer_release_survives_a_decision_of_this_one() {
        let connection = database();
        let Value::Object(mut fields) = plan().into_row().to_json().expect("json") else { panic!("an object") };
        fields.insert("team_size".into(), Value::from(3));
        put_fields(&connection, Table::CallPlans, plan().row_id(), &fields).expect("put");
        put_row(&connection, &CallPlan { position: 9, ..plan() }.into_row()).expect("decision");
        let back = get_fields(&connection, Table::CallPlans, plan().row_id()).expect("get").expect("there");
        assert_eq!(back.get("team_size"), Some(&Value::from(3)));
        assert_eq!(back.get("position"), Some(&Value::from(9)));
    }

    #[test]
    fn what_is_decided_after_an_update_is_not_hidden_by_what_an_older_release_had_kept_apart() {
        let connection = database();
        put_row(&connection, &plan().into_row()).expect("put");
        // A release without the columns `position` and `rrule` had kept them apart.
        let kept = r#"{"position": 4, "rrule": "FREQ=DAILY", "team_size": 3}"#;
        connection.execute("UPDATE call_plans SET extra = ?, position = 0", [kept]).expect("as it was left");
        let row = get_row(&connection, Table::CallPlans, plan().row_id()).expect("get");
        assert_eq!(row, Some(plan().into_row()), "until somebody decides, what was kept apart counts");
        let decided = CallPlan { position: 9, ..plan() }.into_row();
        put_row(&connection, &decided).expect("decision");
        assert_eq!(get_row(&connection, Table::CallPlans, plan().row_id()).expect("get"), Some(decided.clone()));
        let extra = || connection.query_row("SELECT extra FROM call_plans", [], |row| row.get::<_, Option<String>>(0));
        assert_eq!(extra().expect("read").as_deref(), Some(r#"{"team_size":3}"#));
        connection.execute("UPDATE call_plans SET extra = '{\"position\": 4}'", []).expect("nothing else was kept");
        put_row(&connection, &decided).expect("decision");
        assert_eq!(extra().expect("read"), None);
    }

    #[test]
    fn rare_hanzi_and_emoji_survive() {
        let connection = database();
        let territory = Territory {
            id: TerritoryId(Uuid::from_u128(5)),
            code: "T\u{1F600}".into(),
            name: Localized::new("𠮷㐂", "Twins"),
            region_code: "jiangcheng".into(),
        };
        put_row(&connection, &territory.clone().into_row()).expect("put");
        let found: Vec<Territory> = select(&connection, "ORDER BY id", []).expect("select");
        assert_eq!(found, [territory]);
    }

    #[test]
    fn a_field_of_the_wrong_kind_is_refused_by_name() {
        let connection = database();
        let Value::Object(mut fields) = plan().into_row().to_json().expect("json") else { panic!("an object") };
        fields.insert("position".into(), Value::from("first"));
        let fault = put_fields(&connection, Table::CallPlans, plan().row_id(), &fields).expect_err("refused");
        assert_eq!(fault.to_string(), "keep call_plans.position: the value is of another kind");
    }
}
