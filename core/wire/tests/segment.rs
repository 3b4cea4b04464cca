//! Segments: what is written is read, and nothing else is taken for one.

use std::io::Write;

use serde_json::{Map, Value, json};
use storewalk_domain::ids::RowId;
use storewalk_wire::{
    MAX_SEGMENT_BYTES, SegmentError, SegmentReader, SegmentRef, SegmentWriter, row_checksum, segment_name,
};
use uuid::Uuid;

fn fields(number: u128, name: &str) -> Map<String, Value> {
    let fields = json!({
        "id": Uuid::from_u128(number),
        "name": name,
        "gln": null,
        "share": 0.1,
        "packs": { "zh": "箱\n\"十\"", "en": null },
    });
    fields.as_object().expect("an object").clone()
}

fn segment() -> (SegmentRef, Vec<u8>) {
    let mut writer = SegmentWriter::new().expect("a segment");
    for number in 0..200 {
        writer.push("outlets", number, &fields(u128::from(number), "幸福路手机城")).expect("a row");
    }
    writer.push("会议", 3, &fields(1_000, "𠮷")).expect("a row");
    writer.finish().expect("finished")
}

type Rows = Vec<(String, u64, RowId, Map<String, Value>)>;

fn read(bytes: &[u8], announced: &SegmentRef) -> Result<Rows, SegmentError> {
    let mut reader = SegmentReader::new(bytes, announced)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        let (id, fields) = row.parse()?;
        rows.push((row.table.to_owned(), row.version, id, fields));
    }
    Ok(rows)
}

/// Lines as a segment whose announcement fits them.
fn of_lines(text: &[u8]) -> (SegmentRef, Vec<u8>) {
    let bytes = zstd::encode_all(text, 3).expect("packed");
    let rows = text.split(|byte| *byte == b'\n').filter(|line| line.first() == Some(&b'[')).count() as u64;
    let segment =
        SegmentRef { hash: segment_name(&bytes), bytes: bytes.len() as u64, unpacked_bytes: text.len() as u64, rows };
    (segment, bytes)
}

#[test]
fn rows_read_back_with_the_checksum_they_had() {
    let (announced, bytes) = segment();
    assert_eq!((announced.rows, announced.bytes), (201, bytes.len() as u64));
    assert_eq!(announced.hash, segment_name(&bytes));
    let rows = read(&bytes, &announced).expect("readable");
    assert_eq!(rows.len(), 201);
    let (table, version, id, back) = &rows[7];
    assert_eq!((table.as_str(), *version, *id), ("outlets", 7, RowId(Uuid::from_u128(7))));
    let given = fields(7, "幸福路手机城");
    assert_eq!(row_checksum(table, *id, *version, back), row_checksum(table, *id, *version, &given));
    assert!(!back.contains_key("gln"));
    assert_eq!((rows[200].0.as_str(), &rows[200].3["name"]), ("会议", &json!("𠮷")));
}

#[test]
fn the_same_rows_are_the_same_file() {
    assert_eq!(segment(), segment());
}

#[test]
fn half_a_segment_is_no_segment() {
    let (announced, bytes) = segment();
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut], &announced).is_err(), "{cut}");
    }
}

#[test]
fn a_segment_that_is_not_as_announced_is_refused() {
    let (announced, bytes) = segment();
    let others = [
        SegmentRef { unpacked_bytes: announced.unpacked_bytes - 1, ..announced.clone() },
        SegmentRef { unpacked_bytes: announced.unpacked_bytes + 1, ..announced.clone() },
        SegmentRef { unpacked_bytes: 0, ..announced.clone() },
        SegmentRef { unpacked_bytes: u64::MAX, ..announced.clone() },
        SegmentRef { rows: announced.rows - 1, ..announced.clone() },
        SegmentRef { rows: announced.rows + 1, ..announced.clone() },
    ];
    for other in others {
        assert!(matches!(read(&bytes, &other), Err(SegmentError::Size { .. })), "{other:?}");
    }
}

#[test]
fn a_bomb_is_stopped_at_the_announced_length() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("an encoder");
    let block = vec![b'x'; 1 << 20];
    for _ in 0..128 {
        encoder.write_all(&block).expect("packed");
    }
    let bytes = encoder.finish().expect("packed");
    let announced = SegmentRef { hash: segment_name(&bytes), bytes: 0, unpacked_bytes: 1_000, rows: 1 };
    assert!(matches!(read(&bytes, &announced), Err(SegmentError::Size { found: 1_001, .. })));
    let announced = SegmentRef { unpacked_bytes: MAX_SEGMENT_BYTES + 1, ..announced };
    assert!(matches!(read(&bytes, &announced), Err(SegmentError::Size { .. })));
}

#[test]
fn every_line_that_is_neither_table_nor_row_is_named() {
    let good = r#"[1,{"id":"00000000-0000-0000-0000-000000000001"}]"#;
    let wrong = [
        good.to_owned(),
        "\"outlets\"\n[]\n".to_owned(),
        "\"outlets\"\n[1]\n".to_owned(),
        "\"outlets\"\n[-1,{}]\n".to_owned(),
        "\"outlets\"\n[+1,{}]\n".to_owned(),
        "\"outlets\"\n[99999999999999999999999,{}]\n".to_owned(),
        "\"outlets\"\n[1,[]]\n".to_owned(),
        "\"outlets\"\n[1,{}]\n".to_owned(),
        "\"outlets\"\n[1,{\"id\":7}]\n".to_owned(),
        "\"outlets\"\n[1,{\"id\":\"x\"}]\n".to_owned(),
        "\"outlets\"\n[1,{\"id\":\"x\"},{}]\n".to_owned(),
        "\"outlets\n".to_owned(),
        "\"\"\n".to_owned(),
        format!("\"{}\"\n", "x".repeat(300)),
        "\n".to_owned(),
        "null\n".to_owned(),
        format!("{good}\n"),
        format!("\"outlets\"\n{good}"),
    ];
    for text in wrong {
        let (announced, bytes) = of_lines(text.as_bytes());
        let fault = read(&bytes, &announced).expect_err(&text);
        assert!(matches!(fault, SegmentError::Line { .. } | SegmentError::Size { .. }), "{text}: {fault}");
    }
    let (announced, bytes) = of_lines(format!("\"outlets\"\n{good}\n").as_bytes());
    assert_eq!(read(&bytes, &announced).expect("a row").len(), 1);
    let (announced, bytes) = of_lines(b"\"outlets\"\n[1,{\"id\":\"\xff\"}]\n");
    assert!(read(&bytes, &announced).is_err());
}

#[test]
fn an_empty_segment_has_no_rows() {
    let (announced, bytes) = SegmentWriter::new().expect("a segment").finish().expect("finished");
    assert!(read(&bytes, &announced).expect("readable").is_empty());
}
