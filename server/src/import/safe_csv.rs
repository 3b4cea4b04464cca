//! CSV that a spreadsheet program opens without running anything.

use std::io::{self, Write};

/// A cell that no spreadsheet program takes for a formula: text that begins like one gets an apostrophe in front.
/// Tabs and carriage returns count, because programs pass over them and look at what follows.
pub fn safe_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

/// Writes lines of cells as CSV in UTF-8, with a byte order mark so that spreadsheet programs know.
///
/// # Errors
/// When the writer fails.
pub fn write_csv<const N: usize>(out: impl Write, lines: impl IntoIterator<Item = [String; N]>) -> io::Result<()> {
    let mut out = out;
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(out);
    for line in lines {
        writer.write_record(line.iter().map(|cell| safe_cell(cell)))?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_defused_and_any_other_stays() {
        for text in ["=1+1", "+86 27", "-5", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(safe_cell(text), format!("'{text}"));
        }
        for text in ["", "S0101", "a=b", "幸福路 1-2", "'=1"] {
            assert_eq!(safe_cell(text), text);
        }
    }

    #[test]
    fn lines_are_quoted_where_they_need_it() {
        let mut written = Vec::new();
        write_csv(&mut written, [["a,b".to_owned(), "say \"hi\"".to_owned()], ["=x".to_owned(), String::new()]])
            .expect("memory");
        assert_eq!(String::from_utf8(written).expect("UTF-8"), "\u{feff}\"a,b\",\"say \"\"hi\"\"\"\n'=x,\n");
    }
}
