//! The playbooks of a scenario: those of a configuration file as `serve` reads it.

use std::path::Path;

use crate::cli::exit::{Exit, Failure};
use crate::config;
use crate::engine::HealSettings;
use crate::policy::healing::healer::Setting;

/// The playbooks of the configuration in `path`, with their budget. Secrets that it names need not be there.
pub(super) fn read(path: &Path) -> Result<Setting, Failure> {
    let checked = config::check_file(path).map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    let none = || Failure::new(Exit::Usage, format!("{} has no playbooks that would run", path.display()));
    HealSettings::of(&checked.config).map(|heal| heal.setting).ok_or_else(none)
}
