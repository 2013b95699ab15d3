//! The figures of a span, and of the span before it.

use std::collections::BTreeMap;

use crate::domain::record::{ANOMALIES, FORECAST_ACCURACY, Record, RecordTable, WORK};
use crate::domain::time::{Day, Minute, Timestamp};
use crate::engine::chronicle::Shelf;
use crate::engine::reporting::rows::{Errors, Jobs, Odd};
use crate::engine::spending;
use crate::engine::summary::{decided, kept, times};
use crate::engine::worth::Measure;
use crate::engine::{ClassMode, Settings, Situation, View};
use crate::incident::told::Told;
use crate::policy::worth::Worth;
use crate::report::facts::{ClassWorth, Spend};
use crate::report::figures::{Figures, Incident, Kind, Report, Step, Used};
use crate::report::finding::findings;
use crate::store::query::{self, QueryError, RecordQuery};

/// Rows of a table and day that are read at most.
const MOST_ROWS: usize = 2_000_000;
/// Incidents that a report lists.
const MOST_INCIDENTS: usize = 25;
/// Minutes of which what decisions were worth is read at once.
const STRETCH: u32 = 360;
/// Seconds for which the harm that modes tell of is that of the span.
const RECENT_S: f64 = 86_400.0;

/// What decisions of a span were worth, by route class.
pub type WorthOf<'a> = &'a dyn Fn(Minute, Minute) -> Result<Vec<ClassWorth>, QueryError>;

/// Where the figures come from.
#[derive(Clone)]
pub struct Material<'a> {
    /// The tables, and what is not in them yet: all of both spans.
    pub view: &'a View,
    /// How promises stand.
    pub situation: &'a Situation,
    /// What operators say.
    pub settings: &'a Settings,
    /// The present.
    pub now: Timestamp,
    /// What decisions were worth.
    pub worth: WorthOf<'a>,
    /// What was spent and will have been; `None` where there are no forecasts.
    pub spend: Option<Spend>,
    /// What may be done, and what waits; empty where that is not known.
    pub modes: &'a [ClassMode],
}

/// The report of `kind` about the days up to `day`.
///
/// # Errors
/// [`QueryError`] if the tables cannot be read.
pub fn gather(kind: Kind, day: Day, material: Material<'_>) -> Result<Report, QueryError> {
    let end = Day(day.0 + 1);
    let (middle, begin) = (end.minus(kind.days()), end.minus(2 * kind.days()));
    let (from, to) = (middle.first_minute(), end.first_minute());
    let shelf = Shelf { snapshot: &material.view.snapshot, fresh: &material.view.fresh_records };
    let incidents = shelf.incidents(begin.first_minute().start(), to.start())?;
    let incidents: Vec<Told> = incidents.into_iter().filter(|told| told.channel().is_some()).collect();
    let (now, steps) = figures(&material, (kind, middle, end), &incidents)?;
    let (before, _) = figures(&material, (kind, begin, middle), &incidents)?;
    let mut report = Report {
        kind,
        day,
        from: from.start(),
        to: to.start(),
        made_at: material.now,
        findings: Vec::new(),
        now,
        before,
        course: steps,
        spend: material.spend,
    };
    report.findings = findings(&report);
    Ok(report)
}

/// The figures of the days from `first` up to `end`, and their course.
fn figures(
    material: &Material<'_>,
    (kind, first, end): (Kind, Day, Day),
    incidents: &[Told],
) -> Result<(Figures, Vec<Step>), QueryError> {
    let (from, to) = (first.first_minute(), end.first_minute());
    let shelf = Shelf { snapshot: &material.view.snapshot, fresh: &material.view.fresh_records };
    let mut decided = decided(&shelf.decisions(None, (from, to), MOST_ROWS)?);
    let since_end = material.now.seconds_since(to.start());
    if !material.modes.is_empty() && (-RECENT_S..RECENT_S).contains(&since_end) {
        decided.harmful = Some(material.modes.iter().map(|of| of.harmful).sum());
        decided.waiting = material.modes.iter().filter(|of| of.waiting.is_some()).count();
    }
    let is_within = |at: Timestamp| (from.start()..to.start()).contains(&at);
    let opened: Vec<&Told> = incidents.iter().filter(|told| is_within(told.times.opened)).collect();
    let (mut errors, mut jobs, mut odd) = (Errors::default(), Jobs::default(), Odd::default());
    let mut steps = Vec::new();
    for day in (first.0..end.0).map(Day) {
        let (of_errors, of_jobs, of_odd) = of_day(material, day)?;
        let of_day = opened.iter().filter(|told| told.times.opened.minute().day() == day);
        if kind == Kind::Fortnightly {
            steps.push(Step {
                mase: of_errors.mean("mase"),
                coverage_90: of_errors.mean("coverage_90"),
                mitigate_s: times(of_day.copied()).mitigate_s,
                score: of_jobs.score(),
                worth_per_usd: of_jobs.worth_per_usd(),
                threshold: of_odd.width(),
                ..at(day.first_minute())
            });
        }
        errors.add(of_errors);
        jobs.add(of_jobs);
        odd.add(&of_odd);
    }
    if kind == Kind::Daily {
        steps.extend((from.0..to.0).step_by(60).map(|hour| at(Minute(hour))));
    }
    let worth = course(material, &mut steps, to)?;
    let resolved = incidents.iter().filter(|told| told.times.resolved.is_some_and(is_within)).count();
    let mut shown: Vec<Incident> = opened.iter().map(|told| incident(told)).collect();
    shown.sort_by(|one, other| (&one.worst, one.opened, &one.id).cmp(&(&other.worst, other.opened, &other.id)));
    shown.truncate(MOST_INCIDENTS);
    let figures = Figures {
        objectives: kept(material.situation, from, to),
        worth,
        decided,
        opened: opened.len(),
        resolved,
        times: times(opened.iter().copied()),
        incidents: shown,
        accuracy: errors.lines(),
        scores: jobs.lines(material.settings.work.as_ref().map(|work| work.book.as_ref())),
        used: used(material, from, to)?,
        odd_minutes: odd.minutes,
    };
    Ok((figures, steps))
}

/// A step of which nothing is known yet.
fn at(minute: Minute) -> Step {
    Step {
        at: minute.start(),
        worth: Worth::default(),
        mase: None,
        coverage_90: None,
        mitigate_s: None,
        score: None,
        worth_per_usd: None,
        threshold: None,
    }
}

/// What the rows of one day tell of forecasts, of jobs and of odd minutes.
fn of_day(material: &Material<'_>, day: Day) -> Result<(Errors, Jobs, Odd), QueryError> {
    let from = day.first_minute().start();
    let rows = |table: &'static RecordTable| -> Result<Vec<Record>, QueryError> {
        let asked = RecordQuery { table, from, to: from.plus_seconds(86_400), first: None, limit: MOST_ROWS };
        query::records(&material.view.snapshot, &material.view.fresh_records, &asked)
    };
    Ok((Errors::of(&rows(&FORECAST_ACCURACY)?), Jobs::of(&rows(&WORK)?), Odd::of(&rows(&ANOMALIES)?)))
}

/// Fills in what decisions of each step were worth, up to `to`, and sums it up by route class.
fn course(material: &Material<'_>, steps: &mut [Step], to: Minute) -> Result<Vec<ClassWorth>, QueryError> {
    let mut sum: Vec<ClassWorth> = Vec::new();
    let ends: Vec<Minute> = steps.iter().skip(1).map(|step| step.at.minute()).chain([to]).collect();
    for (step, end) in steps.iter_mut().zip(ends) {
        for of in (material.worth)(step.at.minute(), end)? {
            step.worth += of.worth;
            match sum.iter_mut().find(|known| known.class == of.class) {
                Some(known) => known.worth += of.worth,
                None => sum.push(of),
            }
        }
    }
    Ok(sum)
}

fn incident(told: &Told) -> Incident {
    Incident {
        id: told.id().to_owned(),
        channel: told.channel().unwrap_or_default().to_owned(),
        kind: told.kind().to_owned(),
        worst: told.worst().to_owned(),
        opened: told.times.opened,
        resolved: told.times.resolved,
        mitigate_s: told.times.to_mitigate_s(),
    }
}

/// What each channel used in `[from, to)`, the dearest first.
fn used(material: &Material<'_>, from: Minute, to: Minute) -> Result<Vec<Used>, QueryError> {
    let models = &material.settings.models;
    let line = |(channel, used): (crate::domain::ids::ChannelId, spending::Used)| Used {
        model: models.get(&channel).cloned(),
        channel: channel.to_string(),
        requests: spending::whole(used.requests),
        tokens: spending::whole(used.tokens),
        usd: used.usd,
    };
    let mut lines: Vec<Used> = spending::used(material.view, from, to)?.into_iter().map(line).collect();
    lines.sort_by(|one, other| other.usd.total_cmp(&one.usd).then_with(|| one.channel.cmp(&other.channel)));
    Ok(lines)
}

/// What the decisions of `[from, to)` were worth as the tables tell it, for those who read them beside a running engine.
///
/// # Errors
/// [`QueryError`] if the tables cannot be read.
pub fn read_worth(view: &View, settings: &Settings, from: Minute, to: Minute) -> Result<Vec<ClassWorth>, QueryError> {
    let mut found: BTreeMap<usize, ClassWorth> = BTreeMap::new();
    for (place, measure) in Measure::all(settings).iter().enumerate() {
        let empty = ClassWorth { class: measure.class().to_owned(), worth: Worth::default() };
        let of = found.entry(place).or_insert(empty);
        for begin in (from.0..to.0).step_by(STRETCH as usize).map(Minute) {
            for worth in measure.read(view, begin..begin.plus(STRETCH).min(to))? {
                of.worth += worth;
            }
        }
    }
    Ok(found.into_values().collect())
}
