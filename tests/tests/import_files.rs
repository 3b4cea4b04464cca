//! Files as they come: whatever the bytes, the import reads a table or says what is wrong.

use std::collections::BTreeMap;

use clap::ValueEnum;
use proptest::prelude::*;
use storewalk_server::import::{
    Encoding, Existing, ImportKind, PlanOptions, ReadOptions, plan, read_table, table::Cell,
};

/// Text with everything that CSV finds hard.
fn cell() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![Just(','), Just(';'), Just('"'), Just('\n'), Just('='), Just('\u{3000}'), any::<char>()],
        0..12,
    )
    .prop_map(|characters| characters.into_iter().filter(|character| *character != '\0').collect())
}

proptest! {
    #[test]
    fn no_bytes_make_the_import_fail_to_answer(
        bytes in proptest::collection::vec(any::<u8>(), 0..400), header in any::<bool>(), zip in any::<bool>(),
    ) {
        let mut file = Vec::new();
        if zip {
            file.extend_from_slice(b"PK\x03\x04");
        } else if header {
            file.extend_from_slice(b"code,name,class,county,territory,lat,lon,datum,product,price,currency,from\n");
        }
        file.extend_from_slice(&bytes);
        for encoding in [Encoding::Auto, Encoding::Utf8, Encoding::Gb18030, Encoding::Windows1252] {
            let options = ReadOptions { encoding, ..ReadOptions::default() };
            let Ok(table) = read_table("a.csv", &file, &options) else { continue };
            for kind in ImportKind::value_variants() {
                let plan = plan(*kind, &table, &Existing::default(), PlanOptions::default());
                prop_assert!(plan.new + plan.changed.len() + plan.unchanged <= plan.total);
            }
        }
    }

    #[test]
    fn what_a_spreadsheet_writes_is_read_back(rows in proptest::collection::vec([cell(), cell(), cell()], 1..8)) {
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["code", "name", "gtin"]).expect("memory");
        for row in &rows {
            writer.write_record(row).expect("memory");
        }
        let file = writer.into_inner().expect("memory");
        let expected: Vec<Vec<&str>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.trim()).collect::<Vec<_>>())
            .filter(|row| row.iter().any(|cell| !cell.is_empty()))
            .collect();
        let table = read_table("a.csv", &file, &ReadOptions::default());
        let found: BTreeMap<u32, Vec<String>> = table.into_iter().flat_map(|table| table.rows).map(|row| {
            let text = |cell| match cell { Cell::Text(text) => text, Cell::Faulty(fault) => fault.code.as_str().into() };
            (row.line, row.cells.into_iter().map(text).collect())
        }).collect();
        prop_assert_eq!(found.values().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    }
}
