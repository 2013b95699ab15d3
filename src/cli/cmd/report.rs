//! `foreroute report`: the report of a day or of a fortnight.

use std::fs;
use std::path::PathBuf;

use crate::cli::args::{Format, Shared};
use crate::cli::cmd::incidents::failed;
use crate::cli::data::{self, Everything};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::clock::Clock;
use crate::domain::language::Language;
use crate::domain::time::Day;
use crate::engine::{self, Material, View, gather, read_situation, read_worth};
use crate::report::figures::{Kind, Report};
use crate::report::finding::Weight;
use crate::report::{html, markdown, words};

/// How the report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// Plain text with tables
    Markdown,
    /// One page that needs nothing else, with charts
    Html,
    /// Figures and findings, for programs
    Json,
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum About {
    /// One UTC day: what was, and what to look at
    Daily,
    /// Fourteen days: what was learnt
    Fortnightly,
}

/// When the command fails although the report was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// A promise was broken, a budget is used up, or a grave incident is open
    Broken,
}

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Reads the store only, also beside a running server, which publishes a minute some minutes after its end. Classes, promises and
models are those of the configuration. What will have been spent is only known to the running server, whose
/v1/reports/daily and /v1/reports/fortnightly tell it too; it also makes reports on schedule (`[[report]]`).

Exit codes: 0 the report is written; 1 the arguments or the configuration are wrong; 2 it could not be read or written, or,
with --fail-on broken, a finding of the weight `broken` is in it: a promise was kept less often than promised, an error
budget is used up, a budget will more likely than not be exceeded, or an incident of P1 or P2 is open.

Examples:
  foreroute report                                          # yesterday, as Markdown
  foreroute report daily --day 2026-11-21 --out day.html    # one page with charts
  foreroute report fortnightly --lang ko --as html > learnt.html
  foreroute report --format json | jq .findings
  foreroute report --fail-on broken --quiet > day.md || page-somebody")]
pub struct Args {
    /// What it is about
    #[arg(value_enum, default_value_t = About::Daily)]
    about: About,
    /// The last day that it is about, in UTC [default: yesterday]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    day: Option<Day>,
    /// What it is written in: en or ko
    #[arg(long, value_name = "LANGUAGE", default_value_t = Language::English)]
    lang: Language,
    /// How it is written [default: by the ending of --out, else Markdown]
    #[arg(long = "as", value_name = "FORM", value_enum)]
    form: Option<Form>,
    /// Write it into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 if this is found
    #[arg(long, value_name = "WHAT", value_enum)]
    fail_on: Option<FailOn>,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "expected a day such as 2026-11-21".to_owned())
}

/// Writes the report.
///
/// # Errors
/// [`Failure`] if the store cannot be read, or the report not be written.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let form = form(args, shared)?;
    let now = Clock::system().now();
    let today = now.minute().day();
    let day = args.day.unwrap_or_else(|| today.minus(1));
    if day > today {
        return Err(Failure::new(Exit::Usage, format!("the day {day} is still to come; today is {today} (UTC)")));
    }
    let config = data::settings(shared)?;
    let store = data::open_for_reading(shared)?;
    let view = view(data::everything(&store, &config)?);
    let settings = engine::Settings::of(&config);
    let situation = read_situation(&store).unwrap_or_default();
    let material = Material {
        view: &view,
        situation: &situation,
        settings: &settings,
        now,
        worth: &|from, to| read_worth(&view, &settings, from, to),
        spend: None,
        modes: &[],
    };
    let kind = if args.about == About::Daily { Kind::Daily } else { Kind::Fortnightly };
    let report = gather(kind, day, material).map_err(|error| failed(&error))?;
    write(&report, form, args)?;
    let is_broken = report.findings.iter().any(|finding| finding.weight == Weight::Broken);
    Ok(if is_broken && args.fail_on == Some(FailOn::Broken) { Exit::Partial } else { Exit::Done })
}

/// How it is written: as asked, or as the file is called.
fn form(args: &Args, shared: &Shared) -> Result<Form, Failure> {
    if let Some(form) = args.form {
        return Ok(form);
    }
    if shared.format == Format::Json {
        return Ok(Form::Json);
    }
    let Some(out) = &args.out else { return Ok(Form::Markdown) };
    match out.extension().and_then(|ending| ending.to_str()) {
        Some("md" | "markdown" | "txt") => Ok(Form::Markdown),
        Some("html" | "htm") => Ok(Form::Html),
        Some("json") => Ok(Form::Json),
        _ => Err(Failure::new(
            Exit::Usage,
            format!("`{}` does not say how to write it: end it in .md, .html or .json, or use --as", out.display()),
        )),
    }
}

fn view(everything: Everything) -> View {
    let Everything { snapshot, fresh, late, gauges, .. } = everything;
    View { snapshot, fresh, fresh_late: late, fresh_gauges: gauges, fresh_records: Vec::new() }
}

fn write(report: &Report, form: Form, args: &Args) -> Result<(), Failure> {
    let text = match form {
        Form::Markdown => markdown::markdown(&words::document(report, args.lang)),
        Form::Html => html::html(&words::document(report, args.lang)),
        Form::Json if args.out.is_none() => return output::emit_json(report),
        Form::Json => serde_json::to_string_pretty(report).unwrap_or_default() + "\n",
    };
    match &args.out {
        None => output::emit(&text),
        Some(path) => fs::write(path, text)
            .map_err(|error| Failure::new(Exit::Partial, format!("cannot write {}: {error}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes what the tests of `report::words` compare with.
    #[test]
    #[ignore = "writes files of the source tree"]
    fn write_the_golden_files() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/golden");
        for kind in Kind::ALL {
            for language in Language::ALL {
                let report = crate::report::fixtures::report(kind);
                let text = markdown::markdown(&words::document(&report, language));
                fs::write(folder.join(format!("{}-{language}.md", kind.name())), text).expect("written");
            }
        }
    }
}
