//! What [`Batch`] reads is what the slow way reads, for any text of any row of any table.

use std::{collections::BTreeMap, fmt::Write};

use proptest::prelude::*;
use rusqlite::{Connection, types::Value as SqlValue};
use serde_json::{Map, Value, json};
use storewalk_domain::{
    ids::RowId,
    sync::{Row, Table},
};
use storewalk_sqlite::{BulkWriter, SYNCED_STEPS, migrate, put_fields, select_fields};
use storewalk_wire::{RowSum, row_checksum};

use super::parse::Batch;
use crate::plan::{testing::Hand, world};

/// Rows of every table: the demo world's, what a morning makes of them, and a few by hand.
fn samples() -> BTreeMap<&'static str, Vec<Map<String, Value>>> {
    let mut rows: BTreeMap<&'static str, Vec<Map<String, Value>>> = BTreeMap::new();
    for row in world::rows() {
        let Value::Object(fields) = row.to_json().expect("json") else { unreachable!("rows are objects") };
        let of_table = rows.entry(row.table().name()).or_default();
        if of_table.len() < 3 {
            of_table.push(fields);
        }
    }
    for (table, fields) in made_in_a_morning().into_iter().chain(by_hand()) {
        rows.entry(table.name()).or_default().push(fields);
    }
    rows
}

fn made_in_a_morning() -> Vec<(Table, Map<String, Value>)> {
    let rep = Hand::of("liwen", "2025-03-14T08:40");
    let started = rep.phone.visits().start(world::outlet("S0101"), None).expect("recorded");
    let visit = started.done().expect("accepted").visit_id;
    let picture = crate::photos::testing::shelf_path(0);
    rep.phone.photos().capture(visit, "storefront", &picture, None).expect("stored").done().expect("accepted");
    let dealer = Hand::of("jiangbei", "2025-03-14T09:00");
    let orders = dealer.phone.orders();
    let draft = orders.create_draft(world::dealer("D01"), None).expect("made").done().expect("accepted");
    let pieces = storewalk_domain::quantity::Quantity(20);
    orders.set_line(draft, world::product("P1"), pieces, None).expect("set");
    orders.submit(draft).expect("recorded").done().expect("accepted");
    let mut made = Vec::new();
    for (hand, tables) in [(&rep, &[Table::Visits, Table::Photos][..]), (&dealer, &[Table::Orders][..])] {
        for table in tables {
            let read = |connection: &Connection| Ok(select_fields(connection, *table, "", [])?);
            made.extend(hand.phone.read(read).expect("read").into_iter().map(|fields| (*table, fields)));
        }
    }
    made
}

fn by_hand() -> Vec<(Table, Map<String, Value>)> {
    let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
    let rows = [
        (
            Table::ProfileFields,
            json!({ "id": id(1), "outlet_id": id(2), "territory_id": id(3), "region_code": "jiangcheng",
                    "field": "phone", "base": "1", "shown": "2", "is_contested": false, "edits": [], "decisions": [] }),
        ),
        (
            Table::Answers,
            json!({ "id": id(1), "visit_id": id(2), "outlet_id": id(3), "county_id": id(4), "territory_id": id(5),
                    "item": "stock", "instance": "P1", "value": { "type": "count", "value": 3 }, "reason": null, "answered_at": 7 }),
        ),
        (
            Table::Verdicts,
            json!({ "id": id(1), "photo_id": id(2), "visit_id": id(3), "outlet_id": id(4), "territory_id": id(5),
                    "reviewer_id": id(6), "decision": "rejected", "reason": "empty_slot", "note": "第二层",
                    "pin": { "x": 0.62, "y": 0.4 }, "reference_photo_id": null, "due_on": "2025-03-16",
                    "decided_at": 9 }),
        ),
        (
            Table::Tasks,
            json!({ "id": id(1), "outlet_id": id(2), "territory_id": id(3), "kind": "photo_retake",
                    "params": { "zone": "aisle" }, "note": "", "owner_id": id(4), "visit_id": null, "photo_id": id(5),
                    "due_on": "2025-03-16", "proof": "photo", "status": "open", "raised_at": 3, "closed_at": null }),
        ),
        (
            Table::Alerts,
            json!({ "id": id(1), "kind": "price_spread", "region_code": "jiangcheng", "county_id": id(2),
                    "params": { "pct": "31.8" }, "raised_at": 3 }),
        ),
        (
            Table::Payments,
            json!({ "id": id(1), "dealer_id": id(2), "amount": { "minor": 1_500_000, "currency": "CNY" },
                    "slip": "回单", "recorded_by": id(3), "recorded_at": 4 }),
        ),
        (
            Table::DeliveryLines,
            json!({ "id": id(1), "dealer_id": id(2), "order_id": id(3), "accepted_on": "2025-03-01",
                    "delivered_on": null }),
        ),
        (
            Table::Refusals,
            json!({ "id": id(1), "command_id": id(1), "user_id": id(2), "device_id": id(3), "kind": "visit.start",
                    "problems": [], "refused_at": 5, "subject": id(4), "outcome": null }),
        ),
        (
            Table::Scopes,
            json!({ "id": id(1), "user_id": id(1), "version": 2, "role": "rep", "region_code": null,
                    "territories": [id(2)], "dealers": [], "since": 6, "history": [] }),
        ),
        (
            Table::Handovers,
            json!({ "id": id(1), "outlet_id": null, "outlet_code": "", "name": "T1", "from_territory": id(2),
                    "to_territory": id(2), "regions": ["jiangcheng"], "from_reps": [], "to_reps": [id(3)],
                    "decided_by": null, "decided_at": 8, "reason": "", "works": [] }),
        ),
        (
            Table::ShelfPrints,
            json!({ "id": id(1), "outlet_id": id(2), "outlet_code": "S0102", "outlet_name": "光谷数码",
                    "taken_on": "2025-03-10", "territories": [id(3)], "prints": ["0f".repeat(32)] }),
        ),
    ];
    rows.into_iter().map(|(table, row)| (table, row.as_object().expect("an object").clone())).collect()
}

fn database() -> Connection {
    let mut connection = Connection::open_in_memory().expect("memory");
    migrate(&mut connection, SYNCED_STEPS).expect("made");
    connection
}

/// What a table holds after something was written into it, if it could be.
fn written(table: Table, write: impl FnOnce(&Connection) -> bool) -> (bool, Vec<(String, SqlValue)>) {
    DATABASE.with(|connection| {
        connection.execute(&format!("DELETE FROM {}", table.name()), []).expect("emptied");
        (write(connection), held(connection, table))
    })
}

/// All that a table holds.
fn held(connection: &Connection, table: Table) -> Vec<(String, SqlValue)> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {}", table.name())).expect("a table");
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = statement.query([]).expect("read");
    let mut cells = Vec::new();
    while let Some(row) = rows.next().expect("read") {
        cells.extend(names.iter().enumerate().map(|(place, name)| (name.clone(), row.get(place).expect("a value"))));
    }
    cells
}

/// Reads a row's text both ways and compares; says whether the quick way took it.
fn compare(table: Table, json: &str) -> bool {
    let mut batch = Batch::of(table.name());
    let version = 41;
    batch.push(version, json, &mut RowSum::default());
    let Some(ready) = batch.ready.first() else {
        assert_eq!(batch.slow, [(version, json.to_owned())], "what is not read is handed on as it came");
        return false;
    };
    let fields: Value = serde_json::from_str(json).expect("the quick way takes no text that is no JSON");
    assert!(Row::from_json(table, fields.clone()).is_ok(), "the quick way takes no row that nobody can read: {json}");
    let Value::Object(fields) = fields else { panic!("no object: {json}") };
    let id: RowId = serde_json::from_value(fields["id"].clone()).expect("an id");
    assert_eq!(ready.id, id, "{json}");
    assert_eq!(ready.sum, row_checksum(table.name(), id, version, &fields), "{json}");
    assert_eq!(batch.json(ready), json);
    let quickly = written(table, |connection| {
        BulkWriter::of(connection, table).expect("a writer").put(batch.cells(ready)).is_ok()
    });
    let slowly = written(table, |connection| put_fields(connection, table, id, &fields).is_ok());
    assert_eq!(quickly, slowly, "what one way writes and what the other does: {json}");
    true
}

#[test]
fn every_row_as_the_server_writes_it_is_read_the_quick_way() {
    let samples = samples();
    for table in Table::ALL {
        let rows = samples.get(table.name()).unwrap_or_else(|| panic!("no sample of {}", table.name()));
        for fields in rows {
            let json = Value::Object(fields.clone()).to_string();
            assert!(compare(*table, &json), "{} went the slow way: {json}", table.name());
        }
    }
}

/// Any JSON, not deep.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9_f64..1e9).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("2025-03-14")),
        any::<u128>().prop_map(|number| json!(uuid::Uuid::from_u128(number))),
    ];
    leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-z\\u4e00-\\u4e10]{1,4}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// What happens to one field.
#[derive(Clone, Debug)]
enum Bend {
    /// Another value.
    Becomes(Value),
    /// A value of the same kind.
    Like(u64),
    /// It is not there.
    Goes,
    /// It stands there twice.
    Doubles(Value),
    /// A field this release does not know stands beside it.
    Beside(String, Value),
}

fn any_bend() -> impl Strategy<Value = Bend> {
    prop_oneof![
        2 => any_value().prop_map(Bend::Becomes),
        4 => any::<u64>().prop_map(Bend::Like),
        1 => Just(Bend::Goes),
        1 => any_value().prop_map(Bend::Doubles),
        2 => ("[a-z_]{1,9}", any_value()).prop_map(|(name, value)| Bend::Beside(name, value)),
    ]
}

fn like(value: &Value, seed: u64) -> Value {
    match value {
        Value::Bool(_) => json!(seed.is_multiple_of(2)),
        Value::Number(_) if seed.is_multiple_of(3) => json!(seed),
        Value::Number(_) => json!(seed.cast_signed() >> (seed % 60)),
        Value::String(text) if uuid::Uuid::parse_str(text).is_ok() => {
            json!(uuid::Uuid::from_u128(u128::from(seed)).to_string().to_uppercase())
        }
        Value::String(_) if seed.is_multiple_of(4) => json!(format!("\u{20bb7}\"\\\n{seed}😀")),
        Value::String(text) => json!(format!("{text}{seed}")),
        Value::Array(items) => Value::Array(items.iter().rev().cloned().collect()),
        Value::Null | Value::Object(_) => Value::Null,
    }
}

/// A row's text with its fields bent, in another order, written with or without spaces and with letters escaped or not.
fn text(fields: &Map<String, Value>, bends: &[(prop::sample::Index, Bend)], turn: usize, is_wide: bool) -> String {
    let mut parts: Vec<(String, Value)> = fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    for (place, bend) in bends {
        if parts.is_empty() {
            break;
        }
        let place = place.index(parts.len());
        match bend {
            Bend::Becomes(value) => parts[place].1 = value.clone(),
            Bend::Like(seed) => parts[place].1 = like(&parts[place].1.clone(), *seed),
            Bend::Goes => drop(parts.remove(place)),
            Bend::Doubles(value) => parts.push((parts[place].0.clone(), value.clone())),
            Bend::Beside(name, value) => parts.push((name.clone(), value.clone())),
        }
    }
    let turn = turn % parts.len().max(1);
    parts.rotate_left(turn);
    let gap = if is_wide { " " } else { "" };
    let parts: Vec<String> = parts
        .iter()
        .map(|(name, value)| {
            let value = value.to_string();
            let value = if is_wide { escaped(&value) } else { value };
            format!("{gap}{}{gap}:{gap}{value}", Value::from(name.as_str()))
        })
        .collect();
    format!("{{{}{gap}}}", parts.join(","))
}

/// The same JSON with its letters beyond ASCII as escapes.
fn escaped(json: &str) -> String {
    let mut text = String::new();
    for unit in json.encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(letter) => text.push(char::from(letter)),
            None => write!(text, "\\u{unit:04x}").expect("a text takes it"),
        }
    }
    text
}

thread_local! {
    static DATABASE: Connection = database();
    static SAMPLES: Vec<(Table, Map<String, Value>)> = samples()
        .into_iter()
        .flat_map(|(name, rows)| rows.into_iter().map(move |row| (name.parse().expect("a table"), row)))
        .collect();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn whatever_the_quick_way_takes_it_takes_as_the_slow_way_does(
        row in any::<prop::sample::Index>(),
        bends in proptest::collection::vec((any::<prop::sample::Index>(), any_bend()), 0..4),
        turn in 0_usize..20,
        is_wide in any::<bool>(),
    ) {
        let (table, fields) = SAMPLES.with(|samples| row.get(samples).clone());
        compare(table, &text(&fields, &bends, turn, is_wide));
    }
}
