//! Reports as they stand in the golden files, and what may never stand in one.

use super::*;
use crate::report::fixtures::report;
use crate::report::{html, markdown};

fn written(kind: Kind, language: Language) -> String {
    markdown::markdown(&document(&report(kind), language))
}

const GOLDEN: [(Kind, Language, &str); 4] = [
    (Kind::Daily, Language::English, include_str!("../golden/daily-en.md")),
    (Kind::Daily, Language::Korean, include_str!("../golden/daily-ko.md")),
    (Kind::Fortnightly, Language::English, include_str!("../golden/fortnightly-en.md")),
    (Kind::Fortnightly, Language::Korean, include_str!("../golden/fortnightly-ko.md")),
];

#[test]
fn reports_read_as_they_did() {
    for (kind, language, golden) in GOLDEN {
        assert_eq!(written(kind, language), golden, "to accept: `cargo test --lib cli::cmd::report -- --ignored`");
    }
}

#[test]
fn no_name_of_a_channel_becomes_markup() {
    for kind in Kind::ALL {
        let page = html::html(&document(&report(kind), Language::English));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script"), "escaped");
        assert!(page.contains("us &amp; co"));
        let text = written(kind, Language::English);
        assert!(!text.contains("<script") && text.contains("small\\|cheap"), "a bar would be a column");
    }
}

#[test]
fn pages_are_whole_and_need_nothing_else() {
    for (kind, language, _) in GOLDEN {
        let page = html::html(&document(&report(kind), language));
        assert!(page.starts_with("<!doctype html>") && page.contains(&format!("<html lang=\"{language}\">")));
        assert!(page.contains("<svg"), "a chart");
        for foreign in ["src=", "href=", "@import", "url(", "<?xml"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert_eq!(open_elements(&page), Vec::<String>::new(), "everything that is opened is closed");
    }
}

/// Elements of `page` that are opened and not closed in their order.
fn open_elements(page: &str) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("every tag ends");
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default().to_owned();
        let is_void = tag.starts_with('!') || tag.ends_with('/') || ["meta"].contains(&name.as_str());
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "closes what is open");
        } else if !is_void {
            open.push(name);
        }
    }
    open
}

#[test]
fn an_empty_span_is_told_as_such() {
    let mut empty = report(Kind::Daily);
    (empty.now, empty.before, empty.spend) = Default::default();
    (empty.findings, empty.course) = (Vec::new(), Vec::new());
    for language in Language::ALL {
        let text = markdown::markdown(&document(&empty, language));
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }
    let text = in_short(&empty, Language::English);
    assert_eq!(
        text,
        "Daily report, 2026-11-21: not known of calls were harmed (not known by even shares), 0 incidents, 0.00 USD."
    );
}

#[test]
fn findings_come_by_how_pressing_they_are_and_as_data() {
    let found = report(Kind::Daily).findings;
    assert!(found.windows(2).all(|pair| pair[0].weight <= pair[1].weight));
    let json = serde_json::to_value(&found).expect("JSON");
    assert_eq!(
        (&json[0]["finding"], &json[0]["weight"], &json[0]["where"]),
        (&"broken".into(), &"broken".into(), &"/v1/summary".into())
    );
    let all: Vec<&str> = json.as_array().expect("a list").iter().filter_map(|of| of["finding"].as_str()).collect();
    assert_eq!(all, ["broken", "overdrawn", "budget", "open", "coverage", "not_enough"]);
    let whole = serde_json::to_value(report(Kind::Daily)).expect("JSON");
    assert_eq!((&whole["day"], &whole["from"]), (&"2026-11-21".into(), &"2026-11-21T00:00:00Z".into()));
}
