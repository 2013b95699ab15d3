//! From a file to a checked configuration.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::check::{Checker, SecretReader};
use super::document::Document;
use super::elements::secret;
use super::problem::{ConfigError, Problem};
use super::raw::{Raw, Rules};
use super::schema::schema;
use super::valid::{Config, Rule};
use super::{document, shape};

/// The file that is read if none is named.
pub const DEFAULT_FILE: &str = "foreroute.toml";

/// A configuration that is right in itself.
#[derive(Debug)]
pub struct Checked {
    /// The configuration. Secrets that could not be read are empty in it.
    pub config: Config,
    /// Secrets that could not be read here and now: a variable that is not set, a file that is not there. The
    /// configuration may still be right on the machine it is meant for.
    pub missing_secrets: Vec<Problem>,
}

/// Checks `text`, reading secrets with `read_secret`. Pure apart from that: a file of rules that it names is not read.
///
/// # Errors
/// Every problem, in the order of the text.
pub fn parse(text: &str, read_secret: &SecretReader<'_>) -> Result<Checked, Vec<Problem>> {
    let document = Document::parse(text).map_err(in_order)?;
    let raw: Raw = read(&document, &schema::<Raw>())?;
    let mut checker = Checker::new(&document, read_secret);
    let config = Config::check(&raw, &mut checker);
    checker.finish(config).map(|(config, missing_secrets)| Checked { config, missing_secrets })
}

/// Checks `text`, a file of rules over what `config` collects, judges and promises.
///
/// # Errors
/// As [`parse`].
pub fn parse_rules(text: &str, config: &Config) -> Result<Vec<Rule>, Vec<Problem>> {
    let document = Document::parse(text).map_err(in_order)?;
    let raw: Rules = read(&document, &schema::<Rules>())?;
    let no_secrets = |_: &_| Err(String::new());
    let mut checker = Checker::new(&document, &no_secrets);
    let rules = Rule::check_all(&raw.rule, config, &document::Path::default().key("rule"), &mut checker);
    checker.finish(rules).map(|(rules, _)| rules)
}

/// The settings of `document` as written.
fn read<T: DeserializeOwned>(document: &Document<'_>, schema: &Value) -> Result<T, Vec<Problem>> {
    let deviations = shape::problems(document, schema);
    if !deviations.is_empty() {
        return Err(in_order(deviations));
    }
    serde_json::from_value(document.value().clone())
        .map_err(|error| vec![document.problem(&document::Path::default(), document::Point::Value, error.to_string())])
}

/// Checks `file`, and the file of rules that it names, without touching the network. Unreadable secrets are told, not
/// refused.
///
/// # Errors
/// [`ConfigError`] if a file cannot be read or is wrong.
pub fn check_file(file: &Path) -> Result<Checked, ConfigError> {
    let mut checked = parse(&text_of(file)?, &secret::read).map_err(invalid(file))?;
    if let Some(rules) = &checked.config.alerts.rules_file {
        let rules = file.parent().unwrap_or(Path::new("")).join(rules);
        checked.config.alerts.rules = check_rules(&rules, &text_of(&rules)?, &checked.config)?;
        checked.config.alerts.rules_file = Some(rules);
    }
    Ok(checked)
}

/// Checks `text`, which `file` holds, as [`parse_rules`] does.
///
/// # Errors
/// [`ConfigError::Invalid`] with every problem.
pub fn check_rules(file: &Path, text: &str, config: &Config) -> Result<Vec<Rule>, ConfigError> {
    parse_rules(text, config).map_err(invalid(file))
}

fn text_of(file: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(file).map_err(|source| ConfigError::Read { file: file.to_owned(), source })
}

/// For `map_err`: the problems of `file`.
fn invalid(file: &Path) -> impl FnOnce(Vec<Problem>) -> ConfigError {
    |problems| ConfigError::Invalid { file: file.to_owned(), problems }
}

/// The configuration to run with: `file` if one is named, else `./foreroute.toml` if there is one, else the defaults.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read, is wrong, or names a secret that cannot be read.
pub fn load(file: Option<&Path>) -> Result<Config, ConfigError> {
    let Some(file) = located(file) else { return Ok(Config::default()) };
    let Checked { config, missing_secrets } = check_file(file)?;
    if missing_secrets.is_empty() {
        Ok(config)
    } else {
        Err(ConfigError::Invalid { file: file.to_owned(), problems: missing_secrets })
    }
}

/// As [`load`], for commands that talk to nobody: secrets that cannot be read stay empty.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read or is wrong.
pub fn load_without_secrets(file: Option<&Path>) -> Result<Config, ConfigError> {
    located(file).map_or_else(|| Ok(Config::default()), |file| Ok(check_file(file)?.config))
}

fn located(file: Option<&Path>) -> Option<&Path> {
    let default = Path::new(DEFAULT_FILE);
    file.or_else(|| default.exists().then_some(default))
}

pub(super) fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}
