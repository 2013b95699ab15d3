//! A report for a receiver of notices.
//!
//! A webhook gets everything, signed as its notices are:
//!
//! ```json
//! {
//!   "version": 1,
//!   "id": "report-daily-en-1795248000000000",
//!   "receiver": "ops",
//!   "at": "2026-11-21T08:00:00Z",
//!   "kind": "report",
//!   "of": "daily",
//!   "title": "Daily report, 2026-11-20",
//!   "summary": "...",
//!   "markdown": "# Daily report, 2026-11-20 ...",
//!   "report": {"kind": "daily", "day": "2026-11-20", ...},
//!   "link": "http://foreroute.example"
//! }
//! ```
//!
//! Slack gets the title and the summary. An Alertmanager takes alerts only.

use serde_json::{Value, json};

use crate::chat::slack::{SECTION, cut, escape, header, section};
use crate::domain::time::Timestamp;

/// What is told of a report.
#[derive(Debug, Clone)]
pub struct Told<'t> {
    /// What the message is known by.
    pub id: &'t str,
    /// `daily` or `fortnightly`.
    pub kind: &'t str,
    /// When it was made.
    pub at: Timestamp,
    /// Its title.
    pub title: &'t str,
    /// It in one or two sentences.
    pub summary: &'t str,
    /// All of it, as Markdown.
    pub markdown: &'t str,
    /// Its figures.
    pub report: Value,
}

/// The request of our own JSON.
pub(super) fn webhook(told: &Told<'_>, receiver: &str, link: Option<&str>) -> Vec<u8> {
    let body = json!({
        "version": 1,
        "id": told.id,
        "receiver": receiver,
        "at": told.at.to_string(),
        "kind": "report",
        "of": told.kind,
        "title": told.title,
        "summary": told.summary,
        "markdown": told.markdown,
        "report": told.report,
        "link": link,
    });
    // Texts always print.
    serde_json::to_vec(&body).unwrap_or_default()
}

/// The request of Slack's form.
pub(super) fn in_slack(told: &Told<'_>, link: Option<&str>) -> Vec<u8> {
    let summary = cut(&escape(told.summary), SECTION);
    let mut blocks = vec![header(told.title), section(&summary)];
    if let Some(link) = link {
        let text = format!("<{}/v1/reports/{}?as=html|Foreroute>", link.trim_end_matches('/'), told.kind);
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}));
    }
    let body = json!({"text": summary, "blocks": blocks});
    serde_json::to_vec(&body).unwrap_or_default()
}
