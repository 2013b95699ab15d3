//! Models as they are named on the command line.

use super::exit::{Exit, Failure};
use super::suggest;
use crate::forecast::catalogue::{self, CATALOGUE, Entry};

/// What is evaluated if nothing is named: what every other model must beat, each in no time.
const USUAL: [&str; 3] = ["naive", "seasonal-naive", "median"];

/// The models of `names`, the usual ones if there is none.
///
/// # Errors
/// [`Failure`] with the nearest name, if one is unknown.
pub fn named(names: &[String]) -> Result<Vec<&'static Entry>, Failure> {
    if names.is_empty() {
        return USUAL.iter().map(|name| one(name)).collect();
    }
    names.iter().map(|name| one(name)).collect()
}

/// The model called `name`.
///
/// # Errors
/// [`Failure`] with the nearest name, if there is none.
pub fn one(name: &str) -> Result<&'static Entry, Failure> {
    catalogue::find(name).ok_or_else(|| {
        let instead = suggest::instead(name, CATALOGUE.iter().map(|entry| entry.name));
        Failure::new(Exit::Usage, format!("there is no model `{name}`; {instead}"))
    })
}

/// The catalogue as a block of `--help`.
#[must_use]
pub fn listed() -> String {
    let width = CATALOGUE.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let line = |entry: &Entry| format!("  {:<width$} {}; needs {}", entry.name, entry.about, entry.needs);
    format!("Models:\n{}", CATALOGUE.iter().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_gets_a_suggestion() {
        assert_eq!(named(&[]).expect("known").len(), USUAL.len());
        let slip = named(&["naive".to_owned(), "seasonal_naive".to_owned()]).expect_err("unknown");
        assert_eq!(slip.message, "there is no model `seasonal_naive`; did you mean `seasonal-naive`?");
        assert!(
            listed().lines().any(|line| line.starts_with("  drift  ") && line.contains("  a line through")),
            "{}",
            listed()
        );
    }
}
