//! `foreroute backtest`: how well each model would have forecast.

use std::path::PathBuf;

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::models;
use crate::cli::output;
use crate::cli::parallel;
use crate::cli::plain::{PlainArgs, PlainFile, Series};
use crate::cli::pools::PoolArgs;
use crate::cli::prepare::{PrepareArgs, found_in_words, most_common};
use crate::forecast::backtest::{Plan, PlanOptions, Window};
use crate::forecast::history::History;
use crate::forecast::measure::scale::scale_lag;
use crate::forecast::output::Levels;

mod evaluate;
mod picture;
mod report;

use evaluate::{Evaluation, Job};

/// Arguments of `backtest`.
#[derive(Debug, clap::Args)]
#[command(after_help = about_models_and_measures())]
pub struct Args {
    #[command(flatten)]
    plain: PlainArgs,
    /// Steps that each fold forecasts; the last so many of each fold are the truth
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Evaluation")]
    horizon: u32,
    /// Number of folds; each forecasts from its own origin
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(help_heading = "Evaluation")]
    folds: u32,
    /// Steps from the origin of one fold to the next [default: the horizon]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Evaluation")]
    step: Option<u32>,
    /// Steps before the origin that models are fitted to [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Evaluation")]
    window: Option<u32>,
    /// Fit anew each so many folds, and only update in between
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(help_heading = "Evaluation")]
    refit_every: u32,
    /// Measure the first so many steps of each fold apart too (JSON)
    #[arg(long, value_name = "N,..", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(help_heading = "Evaluation")]
    within: Vec<u32>,
    /// Lag in steps of the naive forecast that scales MASE [default: the shortest season, else 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Evaluation")]
    mase_lag: Option<u32>,
    /// Judge only by truths with at least so many calls behind them; models are told of all of them
    #[arg(long, value_name = "N", requires = "counted", help_heading = "Evaluation")]
    min_count: Option<u32>,
    /// Models, as listed below; the champion is always beside them [default: naive, seasonal-naive, median]
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', help_heading = "Models")]
    models: Vec<String>,
    #[command(flatten)]
    prepare: PrepareArgs,
    #[command(flatten)]
    pool: PoolArgs,
    /// Probabilities at which quantiles are measured; the median is always among them
    #[arg(long, value_name = "P,..", value_delimiter = ',', help_heading = "Models")]
    #[arg(default_value = "0.05,0.1,0.25,0.5,0.75,0.9,0.95")]
    levels: Vec<f64>,
    /// Series that are worked on at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Work")]
    jobs: Option<u16>,
    /// Draw history, fan and truth of the newest fold of up to twelve series into this SVG file
    #[arg(long, value_name = "FILE", help_heading = "Work")]
    plot: Option<PathBuf>,
    /// Add the measures of every single series to the JSON
    #[arg(long, help_heading = "Work")]
    by_series: bool,
}

/// Evaluates the models on every series of the file.
///
/// # Errors
/// [`Failure`] if the arguments are wrong, the file cannot be read, or no series could be evaluated.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let plan = args.plan()?;
    let entries = evaluate::buildable(&args.models, args.prepare.given(), &plan)?;
    let file = PlainFile::read(&args.plain, shared)?;
    let jobs = args.jobs.map_or_else(parallel::cores, usize::from);
    let seasons = args.prepare.of_all(&file, jobs, |history| plan.known_first(history).ok());
    let fits = |history: &History<'_>| plan.fits(history.len()).unwrap_or_default();
    let trained = args.pool.train(&file, &entries, most_common(&seasons), fits, (jobs, shared));
    let bar = parallel::bar(shared, "backtest", file.series.len());
    let job = Job {
        entries: &entries,
        pools: &trained.pools,
        plan: &plan,
        given_lag: args.mase_lag.is_some(),
        holidays: args.prepare.holidays(),
    };
    let prepared: Vec<(&Series, &Vec<usize>)> = file.series.iter().zip(&seasons).collect();
    let outcomes = parallel::map(&prepared, jobs, &bar, |(series, seasons)| job.evaluate(series, seasons));
    let evaluation = Evaluation::of(&file, &entries, &plan, outcomes);
    if let (0, Some((name, reason))) = (evaluation.evaluated, evaluation.failed.first()) {
        return Err(Failure::new(Exit::Usage, format!("no series could be evaluated; `{name}`: {reason}")));
    }
    match shared.format {
        Format::Json => output::emit_json(&report::json(args, &evaluation, &plan, &trained))?,
        Format::Table => output::emit(&report::table(&evaluation, &plan, output::styled()))?,
    }
    if args.prepare.given().is_none() {
        output::note(shared, &found_in_words(evaluation.runs.iter().map(|one| one.seasons.as_slice())));
    }
    for (name, reason) in &evaluation.failed {
        output::complain(&format!("series `{name}`: {reason}"));
    }
    if let Some(path) = &args.plot {
        picture::draw(path, &args.plain.file_name(), &file, &evaluation)?;
        output::note(shared, &format!("drawn into {}", path.display()));
    }
    let is_whole = evaluation.failed.is_empty() && file.rejected == 0;
    Ok(if is_whole { Exit::Done } else { Exit::Partial })
}

impl Args {
    fn plan(&self) -> Result<Plan, Failure> {
        let usage = |error: &dyn std::error::Error| Failure::from_error(Exit::Usage, error);
        let levels = Levels::new(self.levels.clone()).map_err(|error| usage(&error))?;
        let options = PlanOptions {
            horizon: self.horizon as usize,
            folds: self.folds as usize,
            step: self.step.unwrap_or(self.horizon) as usize,
            window: self.window.map_or(Window::Expanding, |steps| Window::Fixed(steps as usize)),
            refit_every: self.refit_every as usize,
            levels,
            scale_lag: self
                .mase_lag
                .map_or_else(|| scale_lag(self.prepare.given().unwrap_or_default()), |lag| lag as usize),
            within: self.within.iter().map(|&steps| steps as usize).collect(),
            least_count: self.min_count.map_or(0.0, f64::from),
        };
        Plan::new(options).map_err(|error| usage(&error))
    }
}

fn about_models_and_measures() -> String {
    format!("{}\n{NOTES}", models::listed())
}

const NOTES: &str = "
Measures:
  mape %, smape %  of the median; MAPE leaves out truths of zero
  mape_of_means %  of the mean over the horizon, forecast beside truth (JSON)
  mase             error of the median over that of the in-sample naive forecast at the shortest season, else one step
  rmse             of the mean, in the unit of the values
  pinball, crps    of the quantiles, in the unit of the values; crps is twice the mean pinball loss
  coverage         share of truths inside the widest central interval
  seconds          of fitting, updating and forecasting, added up over series and folds
Every point weighs the same, whichever series it is of. Steps of --skip are neither learnt from nor judged.

Seasons that are not given are found in what lies before the oldest origin: a day once it came twice, beside it an hour,
a week or a clear shorter period; other periods where no day came twice.

Pools: with several series and a season above 60 steps, `champion` and `global` start from what all series have in
common. Such a pool is trained once a season between the oldest and the newest origin, on up to 64 series, and a fit
meets the newest one that ends before it does: nothing behind an origin is known there, of other series neither. The
JSON says how many there were and their seconds, which are not among those of the models.

Examples:
  foreroute backtest --input m4.parquet --time t --series series --season 24,168 --horizon 48
  foreroute backtest --input latency.csv.gz --time ts --value p95 --horizon 60 --folds 24 --season 1440 --plot fan.svg
  foreroute backtest --data store --column latency_p95_ms --horizon 60 --folds 24 --season 1440
  foreroute backtest --input all.parquet --where split=train --horizon 24 --models naive,drift --format json";
