//! What opens an incident, what closes it, and what it is worth. Configuration, so no part of any saved state.

use serde::{Deserialize, Serialize};

use crate::anomaly::verdict::Verdict;
use crate::domain::parameter::ParameterError;
use crate::incident::kind::Runbooks;
use crate::incident::severity;

pub use crate::incident::pulse::Hold;

/// Settings of incidents. Spans are in minutes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Hold times of trouble.
    pub trouble: Hold,
    /// Hold times of absence; `None` if a silent channel is nobody's concern.
    pub absence: Option<Hold>,
    /// A score from which one odd minute opens at once, [`Verdict::LINE`] ..= 1. Waiting for a second minute would cost
    /// half of all short faults.
    pub certain: f64,
    /// Columns of so many different kinds that are odd in one minute open at once, at least 2.
    pub agreeing_kinds: usize,
    /// A minute is calm if every score is below this; above 0, below [`Verdict::LINE`].
    pub calm_below: f64,
    /// How long after its end an incident is taken up again by the same trouble instead of a new one; 0 never.
    pub join_within: u32,
    /// How long a new level must have held, without harm, before it is adopted as the usual one, at least 60.
    pub adopt_after: u32,
    /// How long a channel must have been silent before it is taken as gone, at least 60.
    pub gone_after: u32,
    /// Lines of severity.
    pub severity: severity::Scale,
    /// What to read, by kind.
    pub runbooks: Runbooks,
}

impl Default for Settings {
    /// Opens after 2 odd minutes of 5, at once at a score of 0.75 or if two kinds agree; closes after 10 calm minutes;
    /// silent after 5; joined within 15; levels adopted after 6 hours, silence after a day.
    fn default() -> Self {
        Self {
            trouble: Hold { open_after: 2, within: 5, close_after: 10, lapse_after: 360 },
            absence: Some(Hold { open_after: 5, within: 5, close_after: 3, lapse_after: 360 }),
            certain: 0.75,
            agreeing_kinds: 2,
            calm_below: 0.25,
            join_within: 15,
            adopt_after: 360,
            gone_after: 1_440,
            severity: severity::Scale::default(),
            runbooks: Runbooks::default(),
        }
    }
}

/// Settings that were checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules(Settings);

impl Rules {
    /// Checks `settings`.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn new(settings: Settings) -> Result<Self, ParameterError> {
        let within = |holds, name, needed, value: f64| ParameterError::unless(holds, name, needed, &value);
        settings.trouble.check()?;
        if let Some(absence) = &settings.absence {
            absence.check()?;
        }
        let (certain, calm) = (settings.certain, settings.calm_below);
        within((Verdict::LINE..=1.0).contains(&certain), "certain", "0.5 to 1", certain)?;
        within(calm > 0.0 && calm < Verdict::LINE, "calm_below", "above 0 and below 0.5", calm)?;
        let (kinds, adopt, gone) = (settings.agreeing_kinds, settings.adopt_after, settings.gone_after);
        ParameterError::unless(kinds >= 2, "agreeing_kinds", "at least 2", &kinds)?;
        ParameterError::unless(adopt >= 60, "adopt_after", "at least 60 minutes", &adopt)?;
        ParameterError::unless(gone >= 60, "gone_after", "at least 60 minutes", &gone)?;
        settings.severity.check()?;
        Ok(Self(settings))
    }

    /// The settings.
    #[must_use]
    pub const fn get(&self) -> &Settings {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked() {
        let refused = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            Rules::new(settings).expect_err("refused").parameter
        };
        assert_eq!(Rules::new(Settings::default()), Ok(Rules::default()));
        assert_eq!(refused(|settings| settings.calm_below = 0.5), "calm_below");
        assert_eq!(refused(|settings| settings.certain = f64::NAN), "certain");
        assert_eq!(refused(|settings| settings.adopt_after = 0), "adopt_after");
        assert_eq!(refused(|settings| settings.trouble.open_after = 0), "open_after");
        assert_eq!(refused(|settings| settings.severity.raise_after = 0), "raise_after");
    }
}
