//! What was spent, and what will have been by the end of the day and of the month.
//!
//! The rest of the day comes from the standing forecasts of each channel ([`Course`]); the days after it are taken to be like
//! the coming 24 hours, with an interval that widens ([`Course::days`]). Forecasts are read anew every ten minutes; what was
//! spent is summed up for every question, over the roll-ups of the days before and the minutes of today.

mod lines;
mod outlook;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, WORK};
use crate::domain::time::{Day, Minute};
use crate::engine::forecasting::month_of;
use crate::engine::{Engine, View};
use crate::policy::worth::Worth;
use crate::report::facts::{Line, Spend};
use crate::store::query::{self, QueryError, RecordQuery, TopQuery};
use lines::Whose;
use outlook::{Outlook, Period};

pub(super) use lines::{Used, whole};
pub(super) use outlook::Ahead;

/// Parts of jobs of a month that are read at most.
const MOST_PARTS: usize = 1_000_000;

/// What is kept between questions.
#[derive(Debug, Default)]
pub(super) struct Spending {
    /// What each channel used in the month before a day.
    before: Mutex<Option<(Day, BTreeMap<ChannelId, Used>)>>,
    /// The forecasts of each channel's cost.
    ahead: Mutex<BTreeMap<ChannelId, Ahead>>,
}

impl Spending {
    fn ahead(&self) -> MutexGuard<'_, BTreeMap<ChannelId, Ahead>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// What was spent today and in this month, and what will have been. Blocks.
    ///
    /// # Errors
    /// [`QueryError`] if the store cannot be read.
    pub fn spend(&self) -> Result<Spend, QueryError> {
        let now = self.clock().now();
        let (minute, day) = (now.minute(), now.minute().day());
        let (first, days_left) = month_of(day);
        let end = Day(day.0 + 1).first_minute();
        let today = self.used_by_all(day.first_minute(), end)?;
        let mut month = self.used_before(first, day)?;
        for (channel, used) in &today {
            *month.entry(channel.clone()).or_default() += *used;
        }
        let outlook = Outlook::of(self.courses(month.keys(), now), &month);
        let period = Period { now, day_end: end.start(), days_left };
        let settings = self.settings();
        let line = |whose: &Whose| whose.line(&today, &month, &outlook, period);
        let channels: Vec<ChannelId> = month.keys().cloned().collect();
        let routes = settings.decide.as_ref().map(|decide| &decide.book.routes);
        let classes: Vec<Whose> = routes.map(|routes| lines::classes(routes)).unwrap_or_default();
        let mut total = Whose::all(&channels);
        total.limit_as_parts(&classes);
        let models = lines::models(&channels, &settings.models, settings.work.as_ref().map(|work| work.book.as_ref()));
        let worth = self.worth(day.first_minute(), minute.plus(1))?;
        let mut saved = Worth::default();
        for of in worth {
            saved += of.worth;
        }
        Ok(Spend {
            day,
            now,
            total: line(&total),
            channels: channels.iter().map(|channel| line(&Whose::one(channel))).collect(),
            models: models.iter().map(line).collect(),
            tiers: self.tiers(first, day, period)?,
            classes: classes.iter().map(line).collect(),
            saved,
        })
    }

    /// What each channel used in `[from, to)`.
    fn used_by_all(&self, from: Minute, to: Minute) -> Result<BTreeMap<ChannelId, Used>, QueryError> {
        let view = self.view(None, from, to);
        used(&view, from, to)
    }

    /// What each channel used of the month that begins on `first` before `day`: read once a day.
    fn used_before(&self, first: Day, day: Day) -> Result<BTreeMap<ChannelId, Used>, QueryError> {
        let mut before = self.0.spending.before.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, used)) = before.as_ref().filter(|(known, _)| *known == day) {
            return Ok(used.clone());
        }
        let used = self.used_by_all(first.first_minute(), day.first_minute())?;
        // Minutes of the day before may still be amended for a while after midnight.
        let settled = self.settings().late_window_s + self.settings().flush_every_s + 60;
        if self.clock().now() > day.first_minute().start().plus_seconds(settled) {
            *before = Some((day, used.clone()));
        }
        Ok(used)
    }

    /// What work cost, by tier.
    fn tiers(&self, first: Day, day: Day, period: Period) -> Result<Vec<Line>, QueryError> {
        if self.settings().work.is_none() {
            return Ok(Vec::new());
        }
        let (from, to) = (first.first_minute().start(), period.day_end);
        let view = self.view(None, from.minute(), from.minute());
        let asked = RecordQuery { table: &WORK, from, to, first: None, limit: MOST_PARTS };
        let mut tiers: BTreeMap<String, Line> = BTreeMap::new();
        for part in query::records(&view.snapshot, &view.fresh_records, &asked)? {
            let Some(tier) = part.get("tier").and_then(Cell::text) else { continue };
            let line =
                tiers.entry(tier.to_owned()).or_insert_with(|| Line { name: tier.to_owned(), ..Line::default() });
            let tokens = part.get("tokens").and_then(Cell::integer).and_then(|it| u64::try_from(it).ok());
            let usd = part.get("cost_usd").and_then(Cell::float);
            let spans = [Some(&mut line.month), (part.ts().minute().day() == day).then_some(&mut line.day)];
            for span in spans.into_iter().flatten() {
                span.requests += 1;
                span.tokens += tokens.unwrap_or_default();
                span.spent_usd += usd.unwrap_or_default();
            }
        }
        let begins = [day.first_minute().start(), from];
        let ends = [period.day_end, period.month_end()];
        for line in tiers.values_mut() {
            for ((span, begin), end) in [&mut line.day, &mut line.month].into_iter().zip(begins).zip(ends) {
                span.expected = outlook::mean_pace(span.spent_usd, begin, period.now, end);
            }
        }
        Ok(tiers.into_values().collect())
    }
}

/// Where the values of a column are summed up.
type Slot = fn(&mut Used) -> &mut f64;

/// What each channel used in `[from, to)`; a channel without a row is left out.
pub(super) fn used(view: &View, from: Minute, to: Minute) -> Result<BTreeMap<ChannelId, Used>, QueryError> {
    let mut all: BTreeMap<ChannelId, Used> = BTreeMap::new();
    if from >= to {
        return Ok(all);
    }
    let add: [(Column, Slot); 4] = [
        (Column::Requests, |used| &mut used.requests),
        (Column::TokensPrompt, |used| &mut used.tokens),
        (Column::TokensCompletion, |used| &mut used.tokens),
        (Column::Cost, |used| &mut used.usd),
    ];
    for (column, slot) in add {
        let asked = TopQuery { column, from, to, n: usize::MAX, descending: true, combine: query::Combine::True };
        for (channel, value) in query::top(&view.snapshot, &view.fresh, &asked)? {
            *slot(all.entry(channel).or_default()) += value;
        }
    }
    Ok(all)
}
