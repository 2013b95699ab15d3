//! Incidents as tables and as JSON.

use serde_json::json;

use crate::api::routes::incidents::body::{IncidentBody, group_of_each};
use crate::api::routes::incidents::detail::IncidentDetail;
use crate::cli::args::{Format, Shared};
use crate::cli::exit::Failure;
use crate::cli::output::{self, Align, Table};
use crate::incident::told::Told;

/// Shows those `chosen` of `all`.
pub(super) fn list(all: &[Told], chosen: &[&Told], shared: &Shared) -> Result<(), Failure> {
    let groups = group_of_each(all);
    let bodies: Vec<IncidentBody> =
        chosen.iter().map(|told| IncidentBody::of(told, groups.get(told.id()).map(String::as_str))).collect();
    match shared.format {
        Format::Json => output::emit_json(&json!({"incidents": bodies}))?,
        Format::Table if bodies.is_empty() => {}
        Format::Table => output::emit(&table(&bodies).render(output::styled()))?,
    }
    let open = bodies.iter().filter(|body| body.state == "open" && body.channel.is_some()).count();
    let over = bodies.iter().filter(|body| body.state == "over" && body.channel.is_some()).count();
    output::note(shared, &format!("{open} open, {over} over"));
    Ok(())
}

fn table(bodies: &[IncidentBody]) -> Table {
    let mut table = Table::new([
        ("id", Align::Left),
        ("severity", Align::Left),
        ("state", Align::Left),
        ("detected", Align::Left),
        ("after", Align::Right),
        ("lasted", Align::Right),
        ("where", Align::Left),
        ("kind", Align::Left),
        ("columns", Align::Left),
    ]);
    for body in bodies {
        table.row([
            body.id.clone(),
            body.severity.clone(),
            state(body),
            body.opened.clone(),
            duration(Some(body.took.to_detect_s)),
            duration(body.took.to_resolve_s),
            place(body),
            body.kind.clone(),
            if body.blamed.is_empty() { "-".to_owned() } else { body.blamed.join(", ") },
        ]);
    }
    table
}

/// `open`, `open, taken`, or why it is over.
fn state(body: &IncidentBody) -> String {
    match (&body.ending, &body.acknowledged) {
        (Some(ending), _) => ending.clone(),
        (None, Some(_)) => "open, taken".to_owned(),
        (None, None) => body.state.to_owned(),
    }
}

/// The channel, or what the members of a group share and how many they are.
fn place(body: &IncidentBody) -> String {
    match (&body.channel, &body.scope) {
        (Some(channel), _) => channel.clone(),
        (None, Some(scope)) => format!("{scope} ({} incidents)", body.members.len()),
        (None, None) => "-".to_owned(),
    }
}

fn duration(seconds: Option<f64>) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds from 0 on")]
    let whole = |seconds: f64| output::seconds(seconds.max(0.0).round() as u64);
    seconds.map_or_else(|| "-".to_owned(), whole)
}

/// Shows all that is known of one incident.
pub(super) fn one(detail: &IncidentDetail, shared: &Shared) -> Result<(), Failure> {
    if shared.format == Format::Json {
        return output::emit_json(detail);
    }
    let lists = [evidence(detail), timeline(detail), known(detail), members(detail), similar(detail)];
    let shown = std::iter::once(summary(detail)).chain(lists.into_iter().filter(|table| !table.is_empty()));
    let text: Vec<String> = shown.map(|table| table.render(output::styled())).collect();
    output::emit(&text.join("\n"))
}

fn summary(detail: &IncidentDetail) -> Table {
    let body = &detail.incident;
    let mut table = Table::new([("incident", Align::Left), (body.id.as_str(), Align::Left)]);
    let gap = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    table.row(["where", &place(body)]);
    table.row(["kind", &body.kind]);
    table.row(["state", &state(body)]);
    table.row(["severity", &format!("{} (at worst {})", body.severity, body.worst)]);
    table.row(["first sign", &body.first_sign]);
    table.row(["detected", &format!("{} (after {})", body.opened, duration(Some(body.took.to_detect_s)))]);
    table.row(["acknowledged", &gap(&body.acknowledged)]);
    table.row(["mitigated", &gap(&body.mitigated)]);
    table.row(["over", &gap(&body.resolved)]);
    table.row(["fingerprint", &format!("{} ({} times within the day before)", body.fingerprint, body.recurrences)]);
    for (name, text) in [("silent until", &body.silent_until), ("group", &body.group), ("runbook", &body.runbook)] {
        if let Some(text) = text {
            table.row([name, text]);
        }
    }
    table
}

fn evidence(detail: &IncidentDetail) -> Table {
    let mut table = Table::new([
        ("column", Align::Left),
        ("first odd", Align::Left),
        ("minutes", Align::Right),
        ("worst", Align::Right),
        ("expected", Align::Left),
        ("score", Align::Right),
        ("detectors", Align::Left),
    ]);
    for (column, blame) in detail.evidence.iter().flat_map(|evidence| &evidence.columns) {
        let number = |value: f64| output::decimal(Some(value), 3);
        let expected = blame.worst.expected.map(|band| format!("{} to {}", number(band.low), number(band.high)));
        let voted: Vec<String> = blame.detectors.iter().map(|(name, minutes)| format!("{name} {minutes}")).collect();
        table.row([
            column.clone(),
            blame.first.clone(),
            blame.odd_minutes.to_string(),
            number(blame.worst.value),
            expected.unwrap_or_else(|| "-".to_owned()),
            output::decimal(Some(blame.worst.score), 2),
            voted.join(", "),
        ]);
    }
    table
}

fn timeline(detail: &IncidentDetail) -> Table {
    let mut table = Table::new([
        ("when", Align::Left),
        ("what", Align::Left),
        ("severity", Align::Left),
        ("who and why", Align::Left),
    ]);
    for change in &detail.timeline {
        let note = change.note.as_ref().map(|note| format!("{}: {}", note.by, one_line(&note.text)));
        table.row([change.at.clone(), change.change.clone(), change.severity.clone(), note.unwrap_or_default()]);
    }
    table
}

fn known(detail: &IncidentDetail) -> Table {
    let mut table = Table::new([("known", Align::Left), ("cause", Align::Left), ("what helped", Align::Left)]);
    for entry in &detail.knowledge {
        table.row([one_line(&entry.title), one_line(&entry.cause), one_line(&entry.fix)]);
    }
    table
}

fn members(detail: &IncidentDetail) -> Table {
    titled("members", &detail.incidents)
}

fn similar(detail: &IncidentDetail) -> Table {
    titled("the same before or since", &detail.similar)
}

fn titled(title: &str, bodies: &[IncidentBody]) -> Table {
    let mut table = Table::new([
        (title, Align::Left),
        ("severity", Align::Left),
        ("state", Align::Left),
        ("detected", Align::Left),
        ("where", Align::Left),
    ]);
    for body in bodies {
        table.row([body.id.clone(), body.severity.clone(), state(body), body.opened.clone(), place(body)]);
    }
    table
}

/// `text` as it fits into a cell.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
