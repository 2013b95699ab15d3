//! How right risks have been, for people.

use crate::api::routes::risk::body::{ClassBody, WarningsBody};
use crate::cli::output::{self, Align, Table};

/// A table with a line for each class and horizon, and what came of warnings; nothing before the first outcome.
pub(super) fn text(classes: &[ClassBody], styled: bool) -> Option<String> {
    let mut table = Table::new([
        ("class", Align::Left),
        ("within", Align::Right),
        ("outcomes", Align::Right),
        ("Brier", Align::Right),
        ("skill", Align::Right),
        ("reliability", Align::Right),
    ]);
    for (class, worth) in classes.iter().flat_map(|body| body.worth.iter().map(|worth| (&body.class, worth))) {
        let Some(brier) = worth.brier else { continue };
        table.row([
            class.clone(),
            format!("{} m", worth.horizon_s / 60),
            output::count(worth.outcomes),
            output::decimal(Some(brier.score), 4),
            output::decimal(brier.skill, 2),
            output::decimal(Some(brier.reliability), 4),
        ]);
    }
    let warnings: String = classes.iter().map(|body| told(&body.class, &body.warnings)).collect();
    (!table.is_empty()).then(|| table.render(styled) + &warnings)
}

/// What came of the warnings of a class, in one line.
fn told(class: &str, warnings: &WarningsBody) -> String {
    let WarningsBody { warned, missed, false_warnings, median_lead_s } = *warnings;
    let harm = warned + missed;
    if harm + false_warnings == 0 {
        return String::new();
    }
    let lead = median_lead_s.and_then(|seconds| u64::try_from(seconds).ok()).map(output::seconds);
    let lead = lead.map_or_else(String::new, |lead| format!(", half of those at least {lead} ahead"));
    format!("{class}: warned of {warned} of {harm} troubles{lead}; {false_warnings} false warnings\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_in_one_line() {
        let of = |warned, median_lead_s| WarningsBody { warned, missed: 1, false_warnings: 2, median_lead_s };
        let expected = "chat: warned of 3 of 4 troubles, half of those at least 7 m ahead; 2 false warnings\n";
        assert_eq!(told("chat", &of(3, Some(420))), expected);
        assert_eq!(told("chat", &of(0, None)), "chat: warned of 0 of 1 troubles; 2 false warnings\n");
        let nothing = WarningsBody { warned: 0, missed: 0, false_warnings: 0, median_lead_s: None };
        assert_eq!(told("chat", &nothing), "");
    }
}
