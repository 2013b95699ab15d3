//! Logs on standard error, as text or as JSON lines. The environment has no say in them.

use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// What is logged and in which shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOptions {
    /// The least severe level of our own messages that is shown. Libraries are shown from warnings on, or from
    /// this level if it is more severe.
    pub level: Level,
    /// Whether each message is one JSON object.
    pub json: bool,
}

impl LogOptions {
    /// Errors only.
    pub const ERRORS: Self = Self { level: Level::ERROR, json: false };
    /// Errors and warnings.
    pub const WARNINGS: Self = Self { level: Level::WARN, json: false };
    /// What a server tells about its life.
    pub const INFO: Self = Self { level: Level::INFO, json: false };
}

/// Why a text is not a log setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a log level; expected error, warn, info, debug, trace, json, or both as in `debug,json`")]
pub struct LogOptionsError(String);

impl FromStr for LogOptions {
    type Err = LogOptionsError;

    /// Parses `LEVEL`, `json`, or both with a comma in any order; `json` alone is at level info.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut options = Self::INFO;
        for word in text.split(',').map(str::trim) {
            match word {
                "json" => options.json = true,
                "error" => options.level = Level::ERROR,
                "warn" => options.level = Level::WARN,
                "info" => options.level = Level::INFO,
                "debug" => options.level = Level::DEBUG,
                "trace" => options.level = Level::TRACE,
                other => return Err(LogOptionsError(other.to_owned())),
            }
        }
        Ok(options)
    }
}

/// Why logging could not be started.
#[derive(Debug, thiserror::Error)]
#[error("logging was already started in this process")]
pub struct LoggingError(#[source] TryInitError);

/// Starts logging for the whole process.
///
/// # Errors
/// [`LoggingError`] if it was started before.
pub fn init(options: LogOptions) -> Result<(), LoggingError> {
    let libraries = LevelFilter::from_level(options.level).min(LevelFilter::WARN);
    let targets = Targets::new().with_default(libraries).with_target("foreroute", options.level);
    let layer = if options.json {
        fmt::layer().json().flatten_event(true).with_writer(io::stderr).boxed()
    } else {
        fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr).boxed()
    };
    tracing_subscriber::registry().with(layer.with_filter(targets)).try_init().map_err(LoggingError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_shapes_parse_in_any_order() {
        assert_eq!("warn".parse(), Ok(LogOptions::WARNINGS));
        assert_eq!("json".parse(), Ok(LogOptions { json: true, ..LogOptions::INFO }));
        assert_eq!("json, debug".parse(), Ok(LogOptions { level: Level::DEBUG, json: true }));
        assert_eq!("loud".parse::<LogOptions>(), Err(LogOptionsError("loud".into())));
    }
}
