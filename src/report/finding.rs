//! What to look at: findings that follow from the figures, the most pressing first.

use serde::Serialize;

use crate::report::figures::{Figures, Report};

/// Forecasts below which their accuracy says nothing.
const ENOUGH: u64 = 100;
/// Shares of outcomes inside the 90 % interval that are no news.
const HONEST: std::ops::RangeInclusive<f64> = 0.85..=0.97;
/// Error over that of repeating the last value from which a forecast is of no use.
const USELESS: f64 = 1.1;
/// Jobs below which a score says nothing.
const FEW_JOBS: u64 = 20;
/// Share of the calls for which the yardstick must be known.
const KNOWN: f64 = 0.9;
/// How much longer trouble lasts than before, as a factor, from which that is news.
const SLOWER: f64 = 1.5;
/// Findings of one kind that are listed at most.
const MOST: usize = 5;

/// How pressing a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// A promise is broken, or money is gone.
    Broken,
    /// Something will break, or does harm.
    Warning,
    /// Worth a look.
    Note,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// How pressing it is.
    pub weight: Weight,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
    /// Where to look: an address of the interface.
    #[serde(rename = "where")]
    pub place: String,
}

/// What there is to see.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum What {
    /// Fewer events were good than promised.
    Broken {
        /// The route class.
        class: String,
        /// The promise.
        promise: String,
        /// Share of events that were good.
        ratio: f64,
        /// Share that was promised.
        target: f64,
    },
    /// The error budget of thirty days is used up.
    Overdrawn {
        /// The route class.
        class: String,
        /// The promise.
        promise: String,
        /// What is left, below 0 if it is overdrawn.
        left: f64,
    },
    /// A budget is likely to be exceeded.
    Budget {
        /// The route class.
        class: String,
        /// Whether it is for a month and not for a day.
        monthly: bool,
        /// USD of the period.
        usd: f64,
        /// Probability that it is exceeded.
        chance: f64,
    },
    /// An incident goes on.
    Open {
        /// The channel.
        channel: String,
        /// Kind of trouble.
        kind: String,
        /// How grave it was at its worst.
        severity: String,
    },
    /// Decisions did harm.
    Harmful {
        /// How many.
        decisions: usize,
    },
    /// Even shares would have harmed fewer calls.
    Worse {
        /// The route class.
        class: String,
        /// How many calls fewer.
        calls: f64,
    },
    /// For too many calls nobody knows what even shares would have met.
    Unknown {
        /// The route class.
        class: String,
        /// Share of the calls for which it is known.
        known: f64,
    },
    /// More channels were left for trouble that did not come than for trouble that came.
    InVain {
        /// For trouble that did not come.
        in_vain: usize,
        /// For trouble that came.
        foreseen: usize,
    },
    /// Intervals hold too few or too many outcomes.
    Coverage {
        /// The column.
        column: String,
        /// Seconds between a forecast and its outcome.
        horizon_s: i64,
        /// Share of outcomes inside.
        coverage: f64,
    },
    /// Repeating the last value would have been better.
    Useless {
        /// The column.
        column: String,
        /// Seconds between a forecast and its outcome.
        horizon_s: i64,
        /// Error over that of repeating the last value.
        mase: f64,
    },
    /// It took longer than before until harm ended.
    Slower {
        /// Median seconds.
        now_s: f64,
        /// Median seconds of the span before.
        before_s: f64,
    },
    /// A model is not good enough for its tier.
    NotEnough {
        /// The class of work.
        class: String,
        /// The tier.
        tier: String,
        /// The model.
        model: String,
        /// Mean worth of a job.
        worth: f64,
        /// Mean worth that is enough.
        enough: f64,
    },
    /// Changes wait for approval.
    Waiting {
        /// How many.
        changes: usize,
    },
}

/// What the figures of `report` show, the most pressing first; equally pressing ones in the order of the sections.
#[must_use]
pub fn findings(report: &Report) -> Vec<Finding> {
    let now = &report.now;
    let mut found = promises(now);
    found.extend(budgets(report));
    let open = now.incidents.iter().filter(|incident| incident.resolved.is_none()).take(MOST);
    found.extend(open.map(|incident| {
        let weight = if incident.worst.as_str() <= "P2" { Weight::Broken } else { Weight::Warning };
        let (channel, kind, severity) = (incident.channel.clone(), incident.kind.clone(), incident.worst.clone());
        let place = format!("/v1/incidents/{}", incident.id);
        Finding { weight, what: What::Open { channel, kind, severity }, place }
    }));
    found.extend(decisions(report));
    found.extend(forecasts(now));
    found.extend(scores(now));
    found.sort_by_key(|finding| finding.weight);
    found
}

fn promises(now: &Figures) -> Vec<Finding> {
    let mut found = Vec::new();
    for kept in &now.objectives {
        let (class, promise) = (kept.class.clone(), kept.promise.clone());
        if let Some(ratio) = kept.ratio().filter(|ratio| *ratio < kept.target) {
            let what = What::Broken { class: class.clone(), promise: promise.clone(), ratio, target: kept.target };
            found.push(Finding { weight: Weight::Broken, what, place: "/v1/summary".to_owned() });
        }
        if kept.budget_left <= 0.0 {
            let what = What::Overdrawn { class, promise, left: kept.budget_left };
            found.push(Finding { weight: Weight::Broken, what, place: "/v1/risk".to_owned() });
        }
    }
    found
}

fn budgets(report: &Report) -> Vec<Finding> {
    let lines = report.spend.iter().flat_map(|spend| &spend.classes);
    let spans = lines.flat_map(|line| [(line, false, &line.day), (line, true, &line.month)]);
    let likely = spans.filter_map(|(line, monthly, span)| {
        let limit = span.limit?;
        let chance = limit.exceeds.filter(|chance| *chance >= 0.1)?;
        let weight = if chance >= 0.5 { Weight::Broken } else { Weight::Warning };
        let what = What::Budget { class: line.name.clone(), monthly, usd: limit.usd, chance };
        Some(Finding { weight, what, place: "/v1/spend".to_owned() })
    });
    likely.collect()
}

fn decisions(report: &Report) -> Vec<Finding> {
    let (now, decided) = (&report.now, &report.now.decided);
    let mut found = Vec::new();
    let mut add = |weight, what, place: &str| found.push(Finding { weight, what, place: place.to_owned() });
    if let Some(decisions) = decided.harmful.filter(|harmful| *harmful > 0) {
        add(Weight::Warning, What::Harmful { decisions }, "/v1/mode");
    }
    for of in &now.worth {
        let class = of.class.clone();
        if let Some(calls) = of.worth.avoided().filter(|avoided| *avoided < -0.001 * of.worth.calls) {
            add(Weight::Warning, What::Worse { class, calls: -calls }, "/v1/decisions");
        } else if let Some(known) = of.worth.known().filter(|known| *known < KNOWN) {
            add(Weight::Note, What::Unknown { class, known }, "/v1/summary");
        }
    }
    if decided.waiting > 0 {
        add(Weight::Note, What::Waiting { changes: decided.waiting }, "/v1/mode");
    }
    if decided.in_vain > decided.foreseen {
        let what = What::InVain { in_vain: decided.in_vain, foreseen: decided.foreseen };
        add(Weight::Note, what, "/v1/decisions");
    }
    if let Some((now_s, before_s)) = now.times.mitigate_s.zip(report.before.times.mitigate_s)
        && now_s > SLOWER * before_s
    {
        add(Weight::Note, What::Slower { now_s, before_s }, "/v1/incidents");
    }
    found
}

fn forecasts(now: &Figures) -> Vec<Finding> {
    let place = || "/v1/forecasts/accuracy".to_owned();
    let known = || now.accuracy.iter().filter(|line| line.n >= ENOUGH);
    let useless = known().filter_map(|line| {
        let mase = line.mase.filter(|mase| *mase > USELESS)?;
        let what = What::Useless { column: line.column.clone(), horizon_s: line.horizon_s, mase };
        Some((mase, Finding { weight: Weight::Note, what, place: place() }))
    });
    let dishonest = known().filter_map(|line| {
        let coverage = line.coverage_90.filter(|coverage| !HONEST.contains(coverage))?;
        let what = What::Coverage { column: line.column.clone(), horizon_s: line.horizon_s, coverage };
        Some(((coverage - 0.9).abs(), Finding { weight: Weight::Note, what, place: place() }))
    });
    let worst = |mut of: Vec<(f64, Finding)>| {
        of.sort_by(|one, other| other.0.total_cmp(&one.0));
        of.into_iter().take(MOST).map(|(_, finding)| finding)
    };
    worst(useless.collect()).chain(worst(dishonest.collect())).collect()
}

fn scores(now: &Figures) -> impl Iterator<Item = Finding> {
    let poor = now.scores.iter().filter(|score| score.jobs >= FEW_JOBS).filter_map(|score| {
        let enough = score.enough.filter(|enough| score.worth < *enough)?;
        let (class, tier, model) = (score.class.clone(), score.tier.clone(), score.model.clone());
        let what = What::NotEnough { class, tier, model, worth: score.worth, enough };
        Some(Finding { weight: Weight::Note, what, place: "/v1/work/scores".to_owned() })
    });
    poor.take(MOST)
}
