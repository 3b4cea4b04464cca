//! What an import would do, in words, on a terminal and as a CSV of faults.

use std::io::{self, Write};

use storewalk_domain::text::Language;

use super::{fault::Fault, plan::ImportPlan, safe_csv::write_csv};

/// Changed rows shown; more are only counted.
const SHOWN_CHANGES: usize = 20;

/// Faults and warnings shown; the rest stands in the error file.
const SHOWN_FAULTS: usize = 200;

/// How an import ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// It was only looked at.
    Preview,
    /// Faults kept it from being written.
    Refused,
    /// Everything was written.
    Committed,
}

struct Words {
    rows: &'static str,
    new: &'static str,
    changed: &'static str,
    unchanged: &'static str,
    faulty: &'static str,
    faults: &'static str,
    warnings: &'static str,
    line: &'static str,
    more: &'static str,
    colon: &'static str,
    stop: &'static str,
    csv: [&'static str; 5],
}

const ZH: Words = Words {
    rows: "行",
    new: "新增",
    changed: "更改",
    unchanged: "不变",
    faulty: "有误",
    faults: "错误",
    warnings: "提示",
    line: "第 {} 行",
    more: "……还有 {} 条；用 --errors 文件.csv 可得到全部错误",
    colon: "：",
    stop: "。",
    csv: ["行", "列", "代码", "问题", "怎么办"],
};

const EN: Words = Words {
    rows: "rows",
    new: "new",
    changed: "changed",
    unchanged: "unchanged",
    faulty: "faulty",
    faults: "Faults",
    warnings: "Warnings",
    line: "line {}",
    more: "… and {} more; --errors FILE.csv lists all faults",
    colon: ": ",
    stop: ". ",
    csv: ["line", "column", "code", "what", "what to do"],
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::ZhHans => &ZH,
        Language::En => &EN,
    }
}

/// Writes what an import does, for people.
///
/// # Errors
/// When the writer fails.
pub fn write_preview(
    out: &mut dyn Write,
    source: &str,
    plan: &ImportPlan,
    ending: Ending,
    language: Language,
) -> io::Result<()> {
    let words = words(language);
    writeln!(out, "{source} · {} {}", plan.total, words.rows)?;
    let counts = [
        (words.new, plan.new),
        (words.changed, plan.changed.len()),
        (words.unchanged, plan.unchanged),
        (words.faulty, plan.faulty()),
    ];
    for (name, count) in counts {
        writeln!(out, "  {name} {count}")?;
    }
    if !plan.changed.is_empty() {
        writeln!(out, "{}", words.changed)?;
    }
    for row in plan.changed.iter().take(SHOWN_CHANGES) {
        let line = words.line.replace("{}", &row.line.to_string());
        writeln!(out, "  {line} {}{}{}", row.key, words.colon, row.fields.join(", "))?;
    }
    if let Some(more) = plan.changed.len().checked_sub(SHOWN_CHANGES).filter(|more| *more > 0) {
        writeln!(out, "  … +{more}")?;
    }
    write_faults(out, words.faults, &plan.faults, language)?;
    write_faults(out, words.warnings, &plan.warnings, language)?;
    writeln!(out, "{}", closing(plan, ending, language))
}

fn write_faults(out: &mut dyn Write, title: &str, faults: &[Fault], language: Language) -> io::Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let words = words(language);
    writeln!(out, "{title}")?;
    for fault in faults.iter().take(SHOWN_FAULTS) {
        let place = place(fault, language);
        let colon = if place.is_empty() { "" } else { words.colon };
        let (what, next) = (fault.what(language), fault.next(language));
        writeln!(out, "  {place}{colon}{what}{stop}{next} [{}]", fault.code.as_str(), stop = words.stop)?;
    }
    if let Some(more) = faults.len().checked_sub(SHOWN_FAULTS).filter(|more| *more > 0) {
        writeln!(out, "  {}", words.more.replace("{}", &more.to_string()))?;
    }
    Ok(())
}

fn place(fault: &Fault, language: Language) -> String {
    let line = fault.line.map(|line| words(language).line.replace("{}", &line.to_string()));
    [line, fault.column.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn closing(plan: &ImportPlan, ending: Ending, language: Language) -> String {
    let rows = plan.rows.len();
    match (language, ending, plan.faults.is_empty()) {
        (Language::ZhHans, Ending::Committed, _) => format!("已写入 {rows} 条记录。"),
        (Language::En, Ending::Committed, _) => format!("Written: {rows} records."),
        (Language::ZhHans, _, false) => "没有写入任何内容：请先改正错误，再重新导入。".to_owned(),
        (Language::En, _, false) => "Nothing was written: correct the faults and import again.".to_owned(),
        (Language::ZhHans, _, true) => "这是预览，没有写入任何内容；加上 --commit 即可写入。".to_owned(),
        (Language::En, _, true) => "This is a preview, nothing was written; add --commit to write it.".to_owned(),
    }
}

/// Writes every fault as a line of CSV.
///
/// # Errors
/// When the writer fails.
pub fn write_faults_csv(out: impl Write, faults: &[Fault], language: Language) -> io::Result<()> {
    let header = words(language).csv.map(str::to_owned);
    let lines = faults.iter().map(|fault| {
        let line = fault.line.map_or_else(String::new, |line| line.to_string());
        let column = fault.column.clone().unwrap_or_default();
        [line, column, fault.code.as_str().to_owned(), fault.what(language), fault.next(language)]
    });
    write_csv(out, std::iter::once(header).chain(lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::fault::ImportCode;

    fn plan() -> ImportPlan {
        let fault = Fault::new(ImportCode::NumberInvalid).with("value", "=cmd").at(7).in_column("=单价");
        ImportPlan { total: 3, new: 2, faults: vec![fault], ..ImportPlan::default() }
    }

    #[test]
    fn a_fault_says_line_column_what_and_what_to_do() {
        let mut out = Vec::new();
        write_preview(&mut out, "a.csv", &plan(), Ending::Refused, Language::En).expect("memory");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.contains("line 7, =单价: “=cmd” is not a number. Write digits"), "{text}");
        assert!(text.ends_with("Nothing was written: correct the faults and import again.\n"), "{text}");
    }

    #[test]
    fn the_error_file_runs_nothing_when_it_is_opened() {
        let mut out = Vec::new();
        write_faults_csv(&mut out, &plan().faults, Language::ZhHans).expect("memory");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.starts_with("\u{feff}行,列,代码,问题,怎么办\n7,'=单价,number_invalid,"), "{text}");
    }
}
