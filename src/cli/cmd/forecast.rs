//! `foreroute forecast`: what each series of a file will do next.

use std::iter;
use std::path::{Path, PathBuf};

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::models;
use crate::cli::output;
use crate::cli::parallel;
use crate::cli::plain::{PlainArgs, PlainFile, Series};
use crate::cli::plot::{self, MOST_PANELS, Panel};
use crate::cli::pools::PoolArgs;
use crate::cli::prepare::{PrepareArgs, found_in_words, most_common};
use crate::forecast::band::Banded;
use crate::forecast::catalogue::{self, Entry, Setting};
use crate::forecast::global::Pools;
use crate::forecast::history::History;
use crate::forecast::output::{Forecast, Levels};

mod report;

/// Arguments of `forecast`.
#[derive(Debug, clap::Args)]
#[command(after_help = about_models_and_output())]
pub struct Args {
    #[command(flatten)]
    plain: PlainArgs,
    /// Steps ahead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Models")]
    horizon: u32,
    /// Model, as listed below
    #[arg(long, value_name = "NAME", default_value = catalogue::CHAMPION, help_heading = "Models")]
    model: String,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    pool: PoolArgs,
    /// Probabilities of the quantiles; the median is always among them
    #[arg(long, value_name = "P,..", value_delimiter = ',', help_heading = "Models")]
    #[arg(default_value = "0.05,0.1,0.25,0.5,0.75,0.9,0.95")]
    levels: Vec<f64>,
    /// Series that are worked on at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Work")]
    jobs: Option<u16>,
    /// Draw history and fan of the first twelve series into this SVG file
    #[arg(long, value_name = "FILE", help_heading = "Work")]
    plot: Option<PathBuf>,
}

/// Forecasts every series of the file.
///
/// # Errors
/// [`Failure`] if the arguments are wrong, the file cannot be read, or no series could be forecast.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let levels = Levels::new(args.levels.clone()).map_err(|error| Failure::from_error(Exit::Usage, &error))?;
    let entry = models::one(&args.model)?;
    let file = PlainFile::read(&args.plain, shared)?;
    let jobs = args.jobs.map_or_else(parallel::cores, usize::from);
    let all = |history: &History<'_>| iter::once(0..history.len()).collect();
    let seasons = args.prepare.of_all(&file, jobs, |history| Some(*history));
    let trained = args.pool.train(&file, &[entry], most_common(&seasons), all, (jobs, shared));
    let bar = parallel::bar(shared, "forecast", file.series.len());
    let job = Job {
        entry,
        pools: &trained.pools,
        holidays: args.prepare.holidays(),
        levels: levels.with_median(),
        horizon: args.horizon as usize,
    };
    let prepared: Vec<(&Series, &Vec<usize>)> = file.series.iter().zip(&seasons).collect();
    let forecasts = parallel::map(&prepared, jobs, &bar, |(series, seasons)| job.forecast(series, seasons));
    let failed: Vec<String> = file
        .series
        .iter()
        .zip(&forecasts)
        .filter_map(|(series, forecast)| Some(format!("series `{}`: {}", series.name, forecast.as_ref().err()?)))
        .collect();
    if let (true, Some(first)) = (failed.len() == forecasts.len(), failed.first()) {
        return Err(Failure::new(Exit::Usage, format!("no series could be forecast; {first}")));
    }
    match shared.format {
        Format::Json => output::emit_json(&report::json(&file, &forecasts, args.plain.holds_many()))?,
        Format::Table => output::emit(&report::table(&file, &forecasts, output::styled()))?,
    }
    if args.prepare.given().is_none() {
        output::note(shared, &found_in_words(forecasts.iter().flatten().map(|made| made.seasons.as_slice())));
    }
    for problem in &failed {
        output::complain(problem);
    }
    if let Some(path) = &args.plot {
        draw(path, &args.plain.file_name(), &file, &forecasts)?;
        output::note(shared, &format!("drawn into {}", path.display()));
    }
    Ok(if failed.is_empty() && file.rejected == 0 { Exit::Done } else { Exit::Partial })
}

/// A forecast, and the seasons that the model was told of.
struct Made {
    forecast: Forecast,
    seasons: Vec<usize>,
}

/// What is done to each series.
struct Job<'a> {
    entry: &'static Entry,
    pools: &'a Pools,
    holidays: &'a [i64],
    levels: Levels,
    horizon: usize,
}

impl Job<'_> {
    /// The forecast of `series`, under the name by which the model was asked for.
    fn forecast(&self, series: &Series, seasons: &[usize]) -> Result<Made, String> {
        let history = series.history().map_err(ToString::to_string)?;
        let setting = Setting {
            seasons,
            step_s: history.grid.step_s,
            horizon: self.horizon,
            pools: Some(self.pools),
            holidays: self.holidays,
        };
        let model = self.entry.build(&setting).map_err(|error| format!("{}: {error}", self.entry.name))?;
        let fitted = Banded::fit(model.as_ref(), &history, self.horizon, self.levels.clone());
        let forecast =
            fitted.map_err(|error| error.to_string())?.forecast(history.grid.advanced(history.len()), self.horizon);
        let forecast = forecast.map_err(|error| error.to_string())?;
        Ok(Made { forecast: Forecast { model: self.entry.name.to_owned(), ..forecast }, seasons: seasons.to_vec() })
    }
}

/// Draws the first series that have a forecast.
fn draw(path: &Path, file_name: &str, file: &PlainFile, forecasts: &[Result<Made, String>]) -> Result<(), Failure> {
    let panels: Vec<Panel<'_>> = file
        .series
        .iter()
        .zip(forecasts)
        .filter_map(|(series, forecast)| {
            let (aligned, made) = (series.aligned.as_ref().ok()?, forecast.as_ref().ok()?);
            Some(Panel::new(&series.name, &file.value, file.when, &aligned.history(), &made.forecast, None))
        })
        .take(MOST_PANELS)
        .collect();
    plot::write(path, &format!("Forecast of {file_name}"), &panels)
}

fn about_models_and_output() -> String {
    format!("{}\n{NOTES}", models::listed())
}

const NOTES: &str = "
With --format json a file of one series gives one object {series, origin, step_s, model, season, points: [{ts, mean, \
quantiles}, ..]}, and one with --series a list of them in the order of the file. `origin` is the last step that was \
known, `season` the seasons in steps; a series that failed has an `error` instead of points.

Seasons that are not given are found in the series: a day once it came twice, beside it an hour, a week or a clear
shorter period; other periods where no day came twice.

With several series and a season above 60 steps, the champion and `global` start from what up to 64 of them have in \
common.

Examples:
  foreroute forecast --input latency.csv --time ts --value p95_ms --horizon 60 --plot fan.svg
  foreroute forecast --data store --column latency_p95_ms --channel harbor-large --horizon 60
  foreroute forecast --input m4.parquet --time t --series series --season 24,168 --horizon 48 --model seasonal-naive \
--format json";
