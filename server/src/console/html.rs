//! Reads a page as strictly as the console writes it: every element closed in order, ids unique, references met.

use std::collections::BTreeSet;

/// Elements that are never closed.
const VOID: [&str; 6] = ["meta", "link", "img", "input", "br", "hr"];

/// What is wrong with a page; nothing when it is well formed.
pub(crate) fn faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut wanted = Vec::new();
    let mut rest = page.trim_start().strip_prefix("<!DOCTYPE html>").unwrap_or(page);
    while let Some((text, after)) = rest.split_once('<') {
        if text.contains("⟦") {
            faults.push(format!("left over: {text}"));
        }
        let Some((tag, tail)) = after.split_once('>') else {
            faults.push("a tag without an end".to_owned());
            break;
        };
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => faults.push(format!("</{name}> closes {last:?}")),
            }
            continue;
        }
        let name = tag.split_whitespace().next().unwrap_or_default().to_owned();
        for (attribute, value) in attributes(tag) {
            match attribute {
                "id" if !ids.insert(value.to_owned()) => faults.push(format!("two elements are #{value}")),
                "aria-labelledby" | "aria-describedby" | "for" => wanted.push(value.to_owned()),
                "style" => faults.push(format!("an inline style on <{name}>")),
                "src" | "href" | "action" if !value.starts_with('/') && !value.starts_with('#') => {
                    faults.push(format!("<{name}> leads to {value}"));
                }
                attribute if attribute.starts_with("on") => faults.push(format!("an inline script on <{name}>")),
                _ => {}
            }
        }
        if name == "img" && !tag.contains("alt=") {
            faults.push(format!("an image without a text: {tag}"));
        }
        if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> is never closed")));
    faults.extend(wanted.iter().filter(|id| !ids.contains(*id)).map(|id| format!("nothing is #{id}")));
    faults
}

fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut parts = tag.split('"');
    std::iter::from_fn(move || {
        let name = parts.next()?;
        let value = parts.next()?;
        let name = name.trim_end_matches('=').split_whitespace().last()?;
        Some((name, value))
    })
}

#[test]
fn a_well_formed_page_has_no_faults_and_a_broken_one_names_them() {
    assert!(faults("<!DOCTYPE html><html><p id=\"a\">1<br>2</p><img src=\"/x\" alt=\"\"></html>").is_empty());
    assert_eq!(faults("<p><b></p>").len(), 2);
    assert_eq!(faults("<p id=\"a\"></p><p id=\"a\"></p>"), ["two elements are #a"]);
    assert_eq!(faults("<label for=\"b\"></label>"), ["nothing is #b"]);
    assert_eq!(faults("<p style=\"x\"></p><a href=\"http://x\"></a>").len(), 2);
}
