use encoding_rs::{GB18030, UTF_16LE, WINDOWS_1252};
use rstest::rstest;

use super::*;

const TEXT: &str = "编码,名称\nS0101,幸福路店\nS0102,𠮷祥里店\n";

fn read(bytes: &[u8]) -> Result<Table, Fault> {
    read_table("outlets.csv", bytes, &ReadOptions::default())
}

fn cells(row: &TableRow) -> Vec<&str> {
    row.cells
        .iter()
        .map(|cell| match cell {
            Cell::Text(text) => text.as_str(),
            Cell::Faulty(fault) => fault.code.as_str(),
        })
        .collect()
}

fn code_and_line(read: Result<Table, Fault>) -> (ImportCode, Option<u32>) {
    let fault = read.expect_err("a fault");
    (fault.code, fault.line)
}

fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

#[rstest]
#[case::plain(TEXT.as_bytes().to_vec(), "UTF-8 ,")]
#[case::marked([b"\xEF\xBB\xBF", TEXT.as_bytes()].concat(), "UTF-8 ,")]
#[case::gb18030(GB18030.encode(TEXT).0.into_owned(), "gb18030 ,")]
#[case::utf16(utf16(TEXT), "UTF-16LE ,")]
fn the_same_table_is_read_in_every_encoding(#[case] bytes: Vec<u8>, #[case] source: &str) {
    assert_eq!(UTF_16LE.name(), "UTF-16LE");
    let table = read(&bytes).expect("readable");
    assert_eq!(table.source, source);
    assert_eq!(table.headers, ["编码", "名称"]);
    assert_eq!(cells(&table.rows[1]), ["S0102", "𠮷祥里店"]);
    assert_eq!(table.rows[1].line, 3);
}

#[test]
fn western_text_is_not_taken_for_hanzi_and_reads_when_it_is_named() {
    let bytes = WINDOWS_1252.encode("code,name\n1,plain\n2,Société Générale\n").0.into_owned();
    assert_eq!(code_and_line(read(&bytes)), (ImportCode::EncodingUnclear, Some(3)));
    let named = ReadOptions { encoding: Encoding::Windows1252, ..ReadOptions::default() };
    let table = read_table("a.csv", &bytes, &named).expect("readable");
    assert_eq!(cells(&table.rows[1]), ["2", "Société Générale"]);
}

#[rstest]
#[case(Encoding::Auto, ImportCode::EncodingUnclear)]
#[case(Encoding::Utf8, ImportCode::EncodingMismatch)]
#[case(Encoding::Gb18030, ImportCode::EncodingMismatch)]
fn the_first_line_that_does_not_fit_is_told(#[case] encoding: Encoding, #[case] code: ImportCode) {
    let options = ReadOptions { encoding, ..ReadOptions::default() };
    let read = read_table("a.csv", b"code,name\n1,fine\n2,\xFF\xFF\n3,\xFF\n", &options);
    assert_eq!(code_and_line(read), (code, Some(3)));
}

#[test]
fn a_mark_that_lies_about_the_rest_is_told() {
    assert_eq!(code_and_line(read(b"\xEF\xBB\xBFcode\n\xFF\n")), (ImportCode::EncodingMismatch, Some(2)));
}

#[rstest]
#[case::comma("code,name\n1,a;b\n", "a;b")]
#[case::semicolon("code;name\n1;a,b\n", "a,b")]
#[case::tab("code\tname\n1\ta,b\n", "a,b")]
#[case::named("sep=;\ncode;name\n1;a,b\n", "a,b")]
#[case::quoted_header("\"code;x\",name\n1,a;b\n", "a;b")]
#[case::carriage_returns("code,name\r1,x\r", "x")]
#[case::windows_lines("code,name\r\n1,\"two\r\nlines\"\r\n", "two\r\nlines")]
#[case::inches("code,name\n1,5\" screen\n", "5\" screen")]
#[case::doubled("code,name\n1,\"say \"\"hi\"\"\"\n", "say \"hi\"")]
#[case::no_line_end("code,name\n1,last", "last")]
fn separators_and_quotes_are_read_as_they_are_written(#[case] text: &str, #[case] cell: &str) {
    let table = read(text.as_bytes()).expect("readable");
    assert_eq!(cells(&table.rows[0]), ["1", cell]);
}

#[test]
fn lines_are_counted_through_blank_lines_and_cells_of_several_lines() {
    let text = "\n\ncode,name\n\n1,\"a\nb\"\r\n\r\n,\n2,c\n";
    let table = read(text.as_bytes()).expect("readable");
    let lines: Vec<u32> = table.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [5, 9]);
}

#[test]
fn lines_are_counted_behind_a_named_separator() {
    let table = read(b"sep=;\n\ncode;name\n1;a\n").expect("readable");
    assert_eq!(table.rows[0].line, 4);
}

#[rstest]
#[case::empty(b"", ImportCode::FileEmpty, None)]
#[case::blank(b"\n \n,,\n", ImportCode::FileEmpty, None)]
#[case::header(b"code,name\n\n", ImportCode::FileOnlyHeader, None)]
#[case::nul(b"code,name\n1,\0\n", ImportCode::BinaryContent, Some(2))]
#[case::open_quote(b"code,name\n1,a\n2,\"b\n3,c\n4,d\n", ImportCode::QuoteUnclosed, Some(3))]
#[case::stray_quote(b"code,name\n1,\"a\n2,\"b\",c\n", ImportCode::QuoteStray, Some(3))]
#[case::compound(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest", ImportCode::WorkbookOld, None)]
fn a_broken_text_file_is_refused_with_the_place(
    #[case] bytes: &[u8],
    #[case] code: ImportCode,
    #[case] line: Option<u32>,
) {
    assert_eq!(code_and_line(read(bytes)), (code, line));
}

#[test]
fn a_line_of_a_hundred_thousand_columns_is_refused() {
    let text = format!("code,name\n1,a\n2{}\n", ",x".repeat(100_000));
    assert_eq!(code_and_line(read(text.as_bytes())), (ImportCode::TooManyColumns, Some(3)));
    assert_eq!(code_and_line(read(&b",".repeat(100_000))), (ImportCode::TooManyColumns, Some(1)));
}

#[test]
fn limits_hold() {
    let limits = Limits { file_bytes: 30, rows: 2, cell_chars: 4, ..Limits::default() };
    let options = ReadOptions { limits, ..ReadOptions::default() };
    let read = |text: &str| read_table("a.csv", text.as_bytes(), &options);
    assert_eq!(code_and_line(read(&"x".repeat(31))).0, ImportCode::FileTooLarge);
    assert_eq!(code_and_line(read("code\n1\n2\n3\n")).0, ImportCode::TooManyRows);
    let table = read("code\n一二三四\nabcde\n").expect("readable");
    assert_eq!(cells(&table.rows[0]), ["一二三四"]);
    assert_eq!(cells(&table.rows[1]), ["cell_too_long"]);
}

#[test]
fn a_text_file_that_calls_itself_a_workbook_is_told_so() {
    let read = read_table("products.XLSX", TEXT.as_bytes(), &ReadOptions::default());
    assert_eq!(code_and_line(read).0, ImportCode::WorkbookExpected);
}

mod workbooks {
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
    use std::io::{Cursor, Write};

    use super::*;

    fn book() -> Vec<u8> {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["编码", "单价", "生效日期", "启用", "合计"]).expect("write");
        sheet.write(2, 0, 6_901_234_567_892_f64).expect("write");
        sheet.write(2, 1, 0.1 + 0.2).expect("write");
        sheet
            .write_with_format(2, 2, ExcelDateTime::parse_from_str("2025-03-14").expect("date"), &date)
            .expect("write");
        sheet.write(2, 3, true).expect("write");
        sheet.write(2, 4, Formula::new("=1/0").set_result("#DIV/0!")).expect("write");
        sheet.write(3, 0, " P1 ").expect("write");
        sheet.write(3, 1, 949.0).expect("write");
        book.add_worksheet().set_name("第二").expect("name").write_row(0, 0, ["x"]).expect("write");
        book.save_to_buffer().expect("workbook")
    }

    fn xlsx(bytes: &[u8]) -> Result<Table, Fault> {
        read_table("a.xlsx", bytes, &ReadOptions::default())
    }

    #[test]
    fn cells_read_as_the_sheet_shows_them() {
        let table = xlsx(&book()).expect("readable");
        assert_eq!(table.source, "XLSX Sheet1");
        assert_eq!(table.headers, ["编码", "单价", "生效日期", "启用", "合计"]);
        assert_eq!(table.rows[0].line, 3);
        assert_eq!(cells(&table.rows[0])[..4], ["6901234567892", "0.3", "2025-03-14", "true"]);
        assert_eq!(cells(&table.rows[1]), ["P1", "949"]);
    }

    #[test]
    fn a_failed_formula_is_a_fault_of_its_cell() {
        let table = xlsx(&book()).expect("readable");
        let Cell::Faulty(fault) = &table.rows[0].cells[4] else { panic!("{:?}", table.rows[0].cells[4]) };
        assert_eq!((fault.code, fault.params["value"].as_str()), (ImportCode::CellError, "#DIV/0!"));
    }

    #[test]
    fn another_sheet_is_read_by_name_and_a_missing_one_is_told_with_those_there_are() {
        let of_sheet = |name: &str| {
            let options = ReadOptions { sheet: Some(name.to_owned()), ..ReadOptions::default() };
            read_table("a.xlsx", &book(), &options).expect_err("a fault")
        };
        assert_eq!(of_sheet("第二").code, ImportCode::FileOnlyHeader);
        assert_eq!(of_sheet("Tabelle1").params["sheets"], "Sheet1, 第二");
    }

    #[test]
    fn a_workbook_cut_anywhere_is_damaged_and_never_a_panic() {
        let whole = book();
        for length in (4..whole.len()).step_by(37) {
            assert_eq!(code_and_line(xlsx(&whole[..length])).0, ImportCode::WorkbookDamaged, "{length}");
        }
    }

    #[test]
    fn a_workbook_with_flipped_bits_never_panics() {
        let whole = book();
        for position in 0..whole.len() {
            let mut broken = whole.clone();
            broken[position] ^= 0x55;
            let _ = xlsx(&broken);
        }
    }

    /// The workbook with the text of its first sheet changed.
    fn patched(change: impl Fn(String) -> String) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(Cursor::new(book())).expect("archive");
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).expect("entry");
            let name = entry.name().expect("name").into_owned();
            let mut content = String::new();
            std::io::Read::read_to_string(&mut entry, &mut content).expect("text");
            if name == "xl/worksheets/sheet1.xml" {
                content = change(content);
            }
            writer.start_file(name, options).expect("start");
            writer.write_all(content.as_bytes()).expect("write");
        }
        writer.finish().expect("archive").into_inner()
    }

    #[test]
    fn a_cell_at_the_far_corner_takes_no_memory() {
        let far = patched(|sheet| sheet.replace("r=\"B3\"", "r=\"XFD1048576\""));
        assert_eq!(code_and_line(xlsx(&far)), (ImportCode::TooManyColumns, Some(1_048_576)));
        let low = patched(|sheet| sheet.replace("r=\"B3\"", "r=\"B1048576\""));
        assert_eq!(xlsx(&low).expect("readable").rows.len(), 3);
    }

    #[test]
    fn references_beyond_any_sheet_never_panic() {
        for place in ["B4294967295", "B0", "ZZZZZZZZ1", "", "3B", "B99999999999999999999"] {
            let _ = xlsx(&patched(|sheet| sheet.replace("r=\"B3\"", &format!("r=\"{place}\""))));
            let _ = xlsx(&patched(|sheet| sheet.replace("<row r=\"3\"", &format!("<row r=\"{place}\""))));
        }
        let _ = xlsx(&patched(|sheet| sheet.replace("<v>0</v>", "<v>4294967295</v>")));
        let _ = xlsx(&patched(|sheet| sheet.replace("<v>0</v>", "<v>-1</v>")));
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_large_one_is_refused_before_it_is_kept() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).expect("start");
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..9 {
            writer.write_all(&zeros).expect("write");
        }
        let bomb = writer.finish().expect("archive").into_inner();
        assert!(bomb.len() < 20_000, "{}", bomb.len());
        let limits = Limits { unpacked_bytes: 8 << 20, ..Limits::default() };
        let options = ReadOptions { limits, ..ReadOptions::default() };
        assert_eq!(code_and_line(read_table("a.xlsx", &bomb, &options)).0, ImportCode::WorkbookTooLarge);
    }

    #[test]
    fn an_archive_that_is_no_workbook_is_damaged() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("readme.txt", zip::write::SimpleFileOptions::default()).expect("start");
        let archive = writer.finish().expect("archive").into_inner();
        assert_eq!(code_and_line(xlsx(&archive)).0, ImportCode::WorkbookDamaged);
    }
}
