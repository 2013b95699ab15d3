//! The form of Slack's incoming webhooks, which Mattermost, Rocket.Chat and others understand as well.
//!
//! `text` is what shows in lists and where blocks are not understood; `blocks` are a head, a section for each event, the
//! gravest first, and a line that leads to this server. Plain words only. Slack takes 50 blocks and 3,000 characters in
//! each (<https://docs.slack.dev/reference/block-kit/blocks>), so long lists end with how many more there are.

use serde_json::json;

use crate::alert::notice::{Event, Notice};
use crate::chat::slack::{SECTION, cut, escape, header, section};

/// Events in one message.
const MOST: usize = 20;

/// The request for `notice`.
#[must_use]
pub fn body(notice: &Notice, link: Option<&str>) -> Vec<u8> {
    let mut events: Vec<&Event> = notice.firing.iter().chain(&notice.ended).collect();
    events.sort_by(|a, b| (a.ended.is_some(), a.severity, &a.id).cmp(&(b.ended.is_some(), b.severity, &b.id)));
    let head = head(notice, &events);
    let mut blocks = vec![header(&head)];
    blocks.extend(events.iter().take(MOST).map(|event| section(&cut(&sentence(event), SECTION))));
    if let Some(more @ 1..) = events.len().checked_sub(MOST) {
        blocks.push(section(&format!("and {more} more")));
    }
    if let Some(link) = link {
        let text = format!("<{}/v1/alerts|Foreroute>", link.trim_end_matches('/'));
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}));
    }
    let first = events.first().map_or(String::new(), |event| format!(": {}", event.summary));
    let body = json!({"text": cut(&escape(&format!("{head}{first}")), SECTION), "blocks": blocks});
    // Texts always print.
    serde_json::to_vec(&body).unwrap_or_default()
}

/// How grave, what, how many.
fn head(notice: &Notice, events: &[&Event]) -> String {
    let gravest = events.first().map_or("", |event| event.severity.name());
    let group: Vec<&str> = notice.group.0.values().map(String::as_str).filter(|value| !value.is_empty()).collect();
    let what = if group.is_empty() { "alerts".to_owned() } else { group.join(", ") };
    match (notice.firing.len(), notice.ended.len()) {
        (0, ended) => format!("Over: {what} ({ended})"),
        (firing, 0) => format!("{gravest} {what} ({firing})"),
        (firing, ended) => format!("{gravest} {what} ({firing}, and {ended} over)"),
    }
}

fn sentence(event: &Event) -> String {
    let summary = escape(&event.summary);
    let told = match event.ended {
        Some(ended) => format!("*Over:* {summary}\n{} to {ended}", event.since),
        None => format!("*{}* {summary}\nsince {}", event.severity, event.since),
    };
    match &event.runbook {
        Some(runbook) if event.ended.is_none() => format!("{told}, <{}|what to do>", escape(runbook)),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::act::receiver::tests::{event, notice};
    use crate::alert::rule::Labels;
    use crate::incident::severity::Severity;

    fn parsed(notice: &Notice) -> Value {
        serde_json::from_slice(&body(notice, Some("http://f"))).expect("JSON")
    }

    #[test]
    fn a_message_has_words_and_blocks_the_gravest_first() {
        let said = parsed(&notice());
        assert_eq!(said["text"], "P2 slow (2, and 1 over): eu is &lt;slow&gt; &amp; dear");
        let texts: Vec<&str> =
            said["blocks"].as_array().expect("blocks").iter().filter_map(|it| it["text"]["text"].as_str()).collect();
        let since = "2026-11-20T12:00:00Z";
        let todo = ", <http://wiki.example/slow|what to do>";
        let expected = [
            "P2 slow (2, and 1 over)".to_owned(),
            format!("*P2* eu is &lt;slow&gt; &amp; dear\nsince {since}{todo}"),
            format!("*P4* us is &lt;slow&gt; &amp; dear\nsince {since}{todo}"),
            format!("*Over:* asia is &lt;slow&gt; &amp; dear\n{since} to 2026-11-20T12:05:00Z"),
        ];
        assert_eq!(texts, expected);
        assert_eq!(said["blocks"][4]["elements"][0]["text"], "<http://f/v1/alerts|Foreroute>");
    }

    #[test]
    fn long_lists_and_long_words_fit() {
        let firing: Vec<Event> = (0..200).map(|n| event(&format!("{n:03}"), Severity::P2, false)).collect();
        let long = Event { summary: "ä".repeat(10_000), ..event("long", Severity::P1, false) };
        let firing = firing.into_iter().chain([long]).collect();
        let said = parsed(&Notice { group: Labels::default(), firing, ended: Vec::new(), ..notice() });
        let blocks = said["blocks"].as_array().expect("blocks");
        assert!(blocks.len() <= 50 && said["text"].as_str().is_some_and(|text| text.chars().count() <= 3_000));
        assert!(blocks.iter().all(|block| block["text"]["text"].as_str().is_none_or(|it| it.chars().count() <= 3_000)));
        assert!(blocks.iter().any(|block| block["text"]["text"] == "and 181 more"), "{said}");
    }
}
