//! `storewalk import` from the command line to the database.

use std::{fs, path::PathBuf};

use clap::Parser;
use storewalk_domain::{
    ids::{CountyId, TerritoryId},
    outlet::{County, Territory},
    sync::{Row, Table},
    text::Localized,
};
use storewalk_server::{
    AppState, Config,
    admin::load_rows,
    cli::{Cli, Command},
    import::run_to,
    store::StoreError,
};
use tempfile::TempDir;
use uuid::Uuid;

const PRODUCTS: &str = "货号,品名,条码,起订量,倍数\nP1,幻影手机,9521101530018,1,1\nA10,充电器,,20,10\n";

/// A data folder with files to import.
struct Desk {
    dir: TempDir,
}

/// How a command ended and what it said.
struct Said {
    is_ok: bool,
    text: String,
}

impl Desk {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("written");
        path
    }

    fn config(&self) -> Config {
        let mut config = Config::default();
        config.storage.data_dir = self.path("data");
        config
    }

    fn state(&self) -> AppState {
        AppState::open(self.config()).expect("opened")
    }

    async fn import(&self, words: &[&str]) -> Said {
        let data = self.path("data");
        let mut line = vec!["storewalk", "--data-dir", data.to_str().expect("UTF-8"), "import"];
        line.extend(words);
        if !words.contains(&"--lang") {
            line.extend(["--lang", "en"]);
        }
        let cli = Cli::try_parse_from(line).expect("understood");
        let config = cli.settings.load(None).expect("settings");
        let Command::Import(args) = cli.command else { panic!("an import") };
        let mut out = Vec::new();
        let ended = run_to(config, args, &mut out).await;
        Said { is_ok: ended.is_ok(), text: String::from_utf8(out).expect("UTF-8") }
    }

    async fn import_file(&self, kind: &str, name: &str, content: impl AsRef<[u8]>, flags: &[&str]) -> Said {
        let path = self.file(name, content);
        let mut words = vec![kind, path.to_str().expect("UTF-8")];
        words.extend(flags);
        self.import(&words).await
    }

    async fn rows(&self, table: Table) -> Vec<Row> {
        self.state().store.read(move |snapshot| snapshot.rows_of(table)).await.expect("read")
    }

    /// Every row's version, which counts its changes.
    async fn versions(&self, table: Table) -> Vec<u64> {
        let state = self.state();
        let versions = state.store.read(move |snapshot| {
            let rows = snapshot.rows_of(table)?;
            rows.iter().map(|row| snapshot.row_version(table, row.id())).collect::<Result<_, StoreError>>()
        });
        versions.await.expect("read")
    }
}

#[tokio::test]
async fn a_preview_makes_nothing_and_a_commit_makes_everything_once() {
    let desk = Desk::new();
    let preview = desk.import_file("products", "p.csv", PRODUCTS, &[]).await;
    assert!(preview.is_ok && preview.text.contains("new 2"), "{}", preview.text);
    assert!(preview.text.ends_with("add --commit to write it.\n"), "{}", preview.text);
    assert!(!desk.path("data").exists(), "a preview makes no database");

    let committed = desk.import_file("products", "p.csv", PRODUCTS, &["--commit"]).await;
    assert!(committed.is_ok && committed.text.ends_with("Written: 2 records.\n"), "{}", committed.text);
    assert_eq!(desk.rows(Table::Products).await.len(), 2);

    let again = desk.import_file("products", "p.csv", PRODUCTS, &["--commit"]).await;
    assert!(again.text.contains("unchanged 2") && again.text.ends_with("Written: 0 records.\n"), "{}", again.text);
    assert_eq!(desk.versions(Table::Products).await, [1, 1]);

    let gb18030 = encoding_rs::GB18030.encode(&PRODUCTS.replace("充电器", "快充")).0.into_owned();
    let changed = desk.import_file("products", "gb.csv", gb18030, &["--commit"]).await;
    assert!(changed.text.contains("gb18030") && changed.text.contains("line 3 A10: name"), "{}", changed.text);
    assert_eq!(desk.rows(Table::Products).await.len(), 2);
}

#[tokio::test]
async fn one_faulty_row_keeps_everything_out_and_is_written_to_the_error_file() {
    let desk = Desk::new();
    let errors = desk.path("errors.csv");
    let flags = ["--commit", "--errors", errors.to_str().expect("UTF-8")];
    let text = format!("{PRODUCTS}P3,\"=HYPERLINK(\"\"x\"\")\",=1+1,1,1\n");
    let refused = desk.import_file("products", "p.csv", text, &flags).await;
    assert!(!refused.is_ok, "the command fails");
    assert!(refused.text.contains("line 4, 条码: “=1+1” has something else than digits."), "{}", refused.text);
    assert_eq!(desk.rows(Table::Products).await, []);
    let listed = fs::read_to_string(errors).expect("the error file");
    assert!(listed.contains("\n4,条码,key_digits,") && !listed.contains(",="), "{listed}");
}

#[tokio::test]
async fn the_report_speaks_chinese_when_asked() {
    let desk = Desk::new();
    let refused = desk.import_file("products", "p.csv", "货号,品名\n,手机\n", &["--lang", "zh"]).await;
    assert!(refused.text.contains("第 2 行, 货号：不能为空。请填写 [value_missing]"), "{}", refused.text);
}

#[tokio::test]
async fn outlets_find_their_county_and_territory() {
    let desk = Desk::new();
    let named = |code: &str| (Localized::same(code), "jiangcheng".to_owned());
    let (name, region_code) = named("东湖区");
    let county = County { id: CountyId(Uuid::from_u128(1)), code: "C01".into(), name, region_code };
    let (name, region_code) = named("T01");
    let territory = Territory { id: TerritoryId(Uuid::from_u128(2)), code: "T01".into(), name, region_code };
    load_rows(&desk.state(), vec![county.into(), territory.into()]).await.expect("loaded");
    let text = "code;name;class;county;territory;lat;lon;datum;colour\n\
        S0101;幸福路店;A;C01;T01;30.521780000000003;114.35193;WGS-84;red\n";
    let committed = desk.import_file("outlets", "o.csv", text, &["--commit"]).await;
    assert!(committed.is_ok, "{}", committed.text);
    assert!(committed.text.contains("The column “colour” is not known"), "{}", committed.text);
    let again = desk.import_file("outlets", "o.csv", text, &["--commit"]).await;
    assert!(again.text.contains("unchanged 1"), "{}", again.text);
    assert_eq!(desk.versions(Table::Outlets).await, [1]);
}

#[tokio::test]
async fn a_price_list_in_use_takes_no_other_price() {
    let desk = Desk::new();
    assert!(desk.import_file("products", "p.csv", PRODUCTS, &["--commit"]).await.is_ok);
    let list = "价目表,货号,单价,币种,生效日期\nv7,P1,888.00,CNY,2025-01-01\nv7,A10,49.9,CNY,2025-01-01\n";
    let committed = desk.import_file("price-lists", "v7.csv", list, &["--commit"]).await;
    assert!(committed.is_ok && committed.text.ends_with("Written: 3 records.\n"), "{}", committed.text);
    let again = desk.import_file("price-lists", "v7.csv", list, &["--commit"]).await;
    assert!(again.text.contains("unchanged 2"), "{}", again.text);
    let dearer = desk.import_file("price-lists", "v7.csv", list.replace("49.9", "59.9"), &["--commit"]).await;
    assert!(!dearer.is_ok && dearer.text.contains("line 3, 单价: A10 costs 49.9 on price list v7"), "{}", dearer.text);
    assert!(dearer.text.contains("Import a new version under a new code"), "{}", dearer.text);
}

#[tokio::test]
async fn files_that_are_no_tables_are_refused_in_words() {
    let desk = Desk::new();
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty.csv", b"", "file_empty"),
        ("header.csv", b"code,name\n", "file_only_header"),
        ("text.xlsx", b"code,name\nP1,x\n", "workbook_expected"),
        ("cut.xlsx", b"PK\x03\x04\x14\x00\x06\x00", "workbook_damaged"),
        ("quote.csv", b"code,name\nP1,\"x\nP2,y\n", "quote_unclosed"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "encoding_unclear"),
    ];
    for (name, content, code) in cases {
        let refused = desk.import_file("products", name, content, &["--commit"]).await;
        assert!(!refused.is_ok && refused.text.contains(&format!("[{code}]")), "{name}: {}", refused.text);
    }
    let missing = desk.import(&["products", "/nowhere/p.csv"]).await;
    assert!(!missing.is_ok && missing.text.contains("[file_unreadable]"), "{}", missing.text);
    assert!(!desk.path("data").exists(), "nothing was made");
}

#[test]
fn a_zone_or_language_that_does_not_exist_is_told_at_once() {
    for flag in [["--zone", "Beijing"], ["--lang", "fr"], ["--encoding", "ebcdic"]] {
        let words = ["storewalk", "import", "products", "p.csv"].iter().chain(&flag);
        assert!(Cli::try_parse_from(words).is_err(), "{flag:?}");
    }
}
