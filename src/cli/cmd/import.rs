//! `foreroute import FILE...`: history from other recorders.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::clock::Clock;
use crate::collect::import::cell::{Cell, TsUnit};
use crate::collect::import::mapping::field::Field;
use crate::collect::import::mapping::{Kind, SkipRule, Wishes};
use crate::collect::import::preset::PRESETS;
use crate::collect::source::Admission;
use crate::config::{self, Config};
use crate::domain::time::Timestamp;
use crate::engine::import::{Cuts, DryRun, Import, ImportError, StoreTarget, Summary, Target};
use crate::store::{Store, StoreError, StoreOptions};

mod bar;
mod report;

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
#[command(after_help = about_fields_and_presets())]
pub struct Args {
    /// CSV or JSONL, plain or gzip, or Parquet; told apart by content
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Ready-made mapping of a published trace; `auto` takes the first that fits the columns [default: auto, unless
    /// --map is given]
    #[arg(long, value_name = "NAME", value_parser = preset_names())]
    preset: Option<String>,
    /// Column of each field; a column that is named like a field needs no mention
    #[arg(long, value_name = "FIELD=COLUMN,..", value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// What a row is: one call, or one channel's whole minute [default: as the columns suggest]
    #[arg(long, value_parser = kinds())]
    kind: Option<Kind>,
    /// Name of the channel, or a template of columns such as `{provider}/{model}`
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// Leave out rows whose column holds one of these values
    #[arg(long, value_name = "COLUMN=VALUE|..", value_parser = skip_rule)]
    skip: Option<SkipRule>,
    /// Unit of timestamps that are bare numbers
    #[arg(long, value_name = "UNIT", default_value = "auto", value_parser = units())]
    ts_unit: TsUnit,
    /// Instant that `offset_s` and `offset_ms` count from, as in 2026-11-20T12:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    start: Option<Timestamp>,
    /// Read and check everything, change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Imports every file.
///
/// # Errors
/// [`Failure`] if the store cannot be opened, or if no file could be imported. Files and rows that failed beside
/// others that did not give [`Exit::Partial`].
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let (now, config) = (Clock::system().now(), configuration(shared)?);
    if args.dry_run {
        return import_all(args, shared, now, &config, &mut DryRun);
    }
    // An import publishes past the log: what the log holds stays for `serve` to replay.
    let (store, _recovery) = Store::open(&shared.data, StoreOptions::default(), now).map_err(|error| {
        let exit = if matches!(error, StoreError::Locked { .. }) { Exit::Refused } else { Exit::Usage };
        Failure::from_error(exit, &error)
    })?;
    import_all(args, shared, now, &config, &mut StoreTarget::new(&store, now))
}

/// The configuration, for its prices and its retention. An import needs none of its secrets.
fn configuration(shared: &Shared) -> Result<Config, Failure> {
    let default = Path::new(config::DEFAULT_FILE);
    let Some(file) = shared.config.as_deref().or_else(|| default.exists().then_some(default)) else {
        return Ok(Config::default());
    };
    let checked = config::check_file(file).map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    Ok(checked.config)
}

fn import_all(
    args: &Args,
    shared: &Shared,
    now: Timestamp,
    config: &Config,
    target: &mut dyn Target,
) -> Result<Exit, Failure> {
    let (wishes, admission, prices) = (args.wishes(), Admission::open(now), config.prices());
    let mut done: Vec<Summary> = Vec::new();
    let mut failed: Vec<Failure> = Vec::new();
    for path in &args.files {
        let prices = Some(&prices);
        let import = Import { path, wishes: &wishes, admission: &admission, prices, cuts: Cuts::default() };
        match with_bar(&import, shared, path, target) {
            Ok(summary) => done.push(summary),
            Err(error) => failed.push(Failure::from_error(exit_of(&error), &error)),
        }
    }
    if done.is_empty() {
        let exit = failed.iter().map(|failure| failure.exit).find(|&exit| exit != Exit::Usage).unwrap_or(Exit::Usage);
        let messages: Vec<&str> = failed.iter().map(|failure| failure.message.as_str()).collect();
        return Err(Failure::new(exit, messages.join("\n")));
    }
    match shared.format {
        Format::Json => output::emit_json(&done.iter().map(report::Json::from).collect::<Vec<_>>())?,
        Format::Table => output::emit(&report::text(&done, output::styled()))?,
    }
    for failure in &failed {
        output::complain(&failure.message);
    }
    warn_of_retention(shared, config, now, &done);
    let all_done = failed.is_empty() && done.iter().all(|summary| summary.rejected == 0);
    Ok(if all_done { Exit::Done } else { Exit::Partial })
}

fn with_bar(
    import: &Import<'_>,
    shared: &Shared,
    path: &Path,
    target: &mut dyn Target,
) -> Result<Summary, ImportError> {
    let bar = bar::Bar::new(path, shared.quiet);
    let result = import.run(target, &mut |progress| bar.show(progress));
    bar.finish();
    result
}

/// History may be older than what is kept; better to hear it now than to miss it tomorrow.
fn warn_of_retention(shared: &Shared, config: &Config, now: Timestamp, done: &[Summary]) {
    let Some(kept) = config.store.retention.samples else { return };
    let kept_s = i64::try_from(kept.as_secs()).unwrap_or(i64::MAX);
    let oldest = now.plus_seconds(kept_s.saturating_neg());
    for summary in done.iter().filter(|summary| summary.first.is_some_and(|first| first < oldest)) {
        let days = kept.as_secs() / 86_400;
        let text = format!(
            "note: {} begins before {oldest}. Minutes are kept for {days} days, so `serve` will reduce older ones to \
             its roll-ups; set `store.retention.samples` higher to keep them",
            summary.file
        );
        output::note(shared, &text);
    }
}

/// Before anything was done it was a matter of usage; afterwards, of work half done.
const fn exit_of(error: &ImportError) -> Exit {
    match error {
        ImportError::Mapping { .. } | ImportError::Open { .. } => Exit::Usage,
        ImportError::Read { .. } | ImportError::Publish { .. } => Exit::Partial,
    }
}

impl Args {
    fn wishes(&self) -> Wishes {
        Wishes {
            kind: self.kind,
            preset: self.preset.clone(),
            map: self.map.clone(),
            channel: self.channel.clone(),
            skip: self.skip.clone(),
            ts_unit: self.ts_unit,
            start: self.start,
        }
    }
}

fn about_fields_and_presets() -> String {
    let names = |kind| Field::all(kind).into_iter().map(Field::name).collect::<Vec<_>>().join(" ");
    let presets: Vec<String> = PRESETS.iter().map(|preset| format!("  {:<11} {}", preset.name, preset.about)).collect();
    format!(
        "Fields of calls:\n  channel {}\n\nFields of samples (minutes):\n  channel {}\n\nPresets:\n{}\n{NOTES}",
        names(Kind::Calls),
        names(Kind::Samples),
        presets.join("\n"),
    )
}

const NOTES: &str = "
A minute with an imported call counts as watched whole (coverage_s 60); minutes without one stay gaps.

A file is known again by its content and mapping: importing it twice changes nothing, and an interrupted import goes \
on where it was. A file that was changed is a new file, and its rows count again: put corrected rows into a file of \
their own, and try unknown files with --dry-run first.

Examples:
  foreroute import calls.jsonl.gz
  foreroute import trace.parquet --preset vllm-bench
  foreroute import log.csv --map ts=when,latency_s=took --channel '{provider}/{model}'
  foreroute import runs.csv --preset llmperf --start 2024-01-01T00:00:00Z --dry-run";

fn preset_names() -> PossibleValuesParser {
    PossibleValuesParser::new(PRESETS.iter().map(|preset| preset.name).chain(["auto"]))
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let all = [Kind::Calls, Kind::Samples];
    let parse = move |name: String| all.into_iter().find(|kind| kind.name() == name).unwrap_or(Kind::Calls);
    PossibleValuesParser::new(all.map(Kind::name)).map(parse)
}

fn units() -> impl TypedValueParser<Value = TsUnit> {
    let all = [TsUnit::Auto, TsUnit::Seconds, TsUnit::Millis, TsUnit::Micros];
    let parse = move |name: String| all.into_iter().find(|unit| unit.name() == name).unwrap_or_default();
    PossibleValuesParser::new(all.map(TsUnit::name)).map(parse)
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (field, column) = text.split_once('=').ok_or("must be FIELD=COLUMN")?;
    Ok((field.trim().to_owned(), column.trim().to_owned()))
}

fn skip_rule(text: &str) -> Result<SkipRule, String> {
    let (column, values) = text.split_once('=').ok_or("must be COLUMN=VALUE|VALUE")?;
    Ok(SkipRule { column: column.to_owned(), values: values.split('|').map(str::to_owned).collect() })
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Cell::of_text(text).instant(TsUnit::Auto)?.ok_or_else(|| "is empty".to_owned())
}
