//! Whose money it is: channels, models, route classes, all.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::domain::ids::ChannelId;
use crate::engine::machine::pilot::Route;
use crate::engine::spending::outlook::{self, Outlook, Period};
use crate::policy::work::book::Book;
use crate::report::facts::{Line, Span};

/// What was used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::engine) struct Used {
    pub requests: f64,
    pub tokens: f64,
    pub usd: f64,
}

impl AddAssign for Used {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.tokens += other.tokens;
        self.usd += other.usd;
    }
}

/// Parts of channels that are told as one line.
#[derive(Debug, Clone, Default)]
pub(super) struct Whose {
    name: String,
    parts: Vec<(ChannelId, f64)>,
    /// USD that may be spent in a day and in a month.
    limits: [Option<f64>; 2],
    /// Tokens that may be used in a day.
    tokens_per_day: Option<u64>,
}

impl Whose {
    /// Everything.
    pub fn all(channels: &[ChannelId]) -> Self {
        let parts = channels.iter().map(|channel| (channel.clone(), 1.0)).collect();
        Self { name: "total".to_owned(), parts, ..Self::default() }
    }

    /// One channel.
    pub fn one(channel: &ChannelId) -> Self {
        Self { name: channel.to_string(), parts: vec![(channel.clone(), 1.0)], ..Self::default() }
    }

    /// Takes the sum of the limits of `parts`, where each of them has one.
    pub fn limit_as_parts(&mut self, parts: &[Self]) {
        if !parts.is_empty() {
            self.limits = [0, 1].map(|period| parts.iter().map(|part| part.limits[period]).sum());
        }
    }

    /// The line that `today` and `month` give.
    pub fn line(
        &self,
        today: &BTreeMap<ChannelId, Used>,
        month: &BTreeMap<ChannelId, Used>,
        outlook: &Outlook<'_>,
        period: Period,
    ) -> Line {
        let course = outlook.course(&self.parts);
        let span = |used: &BTreeMap<ChannelId, Used>, monthly: bool| {
            let Used { requests, tokens, usd } = self.sum(used);
            let limit = self.limits[usize::from(monthly)];
            Span {
                spent_usd: usd,
                tokens: whole(tokens),
                requests: whole(requests),
                expected: course.as_ref().map(|course| outlook::expected(course, usd, period, monthly)),
                limit: limit.map(|limit| outlook::limit(course.as_ref(), limit, usd, period, monthly)),
                limit_tokens: self.tokens_per_day.filter(|_| !monthly),
            }
        };
        Line { name: self.name.clone(), day: span(today, false), month: span(month, true) }
    }

    fn sum(&self, used: &BTreeMap<ChannelId, Used>) -> Used {
        let mut sum = Used::default();
        for (channel, part) in &self.parts {
            if let Some(Used { requests, tokens, usd }) = used.get(channel) {
                sum += Used { requests: requests * part, tokens: tokens * part, usd: usd * part };
            }
        }
        sum
    }
}

/// Each route class with its budget; a channel of several classes counts in equal parts for each.
pub(super) fn classes(routes: &[Route]) -> Vec<Whose> {
    let mut served: BTreeMap<&ChannelId, u32> = BTreeMap::new();
    for channel in routes.iter().flat_map(|route| &route.class.channels) {
        *served.entry(channel).or_default() += 1;
    }
    let part = |channel: &ChannelId| 1.0 / f64::from(served.get(channel).copied().unwrap_or(1).max(1));
    let whose = |route: &Route| Whose {
        name: route.class.name.clone(),
        parts: route.class.channels.iter().map(|channel| (channel.clone(), part(channel))).collect(),
        limits: [false, true].map(|monthly| route.purse.filter(|it| it.monthly == monthly).map(|it| it.usd)),
        tokens_per_day: None,
    };
    routes.iter().map(whose).collect()
}

/// Each model with those of `channels` that name it, and the tokens that the book of work allows it in a day.
pub(super) fn models(channels: &[ChannelId], named: &BTreeMap<ChannelId, String>, work: Option<&Book>) -> Vec<Whose> {
    let mut models: BTreeMap<String, Whose> = BTreeMap::new();
    for (channel, model) in channels.iter().filter_map(|channel| Some((channel, named.get(channel)?))) {
        let whose = models.entry(model.clone()).or_insert_with(|| Whose { name: model.clone(), ..Whose::default() });
        whose.parts.push((channel.clone(), 1.0));
    }
    let of_work = work.into_iter().flat_map(|book| &book.classes).flat_map(|class| &class.models);
    for model in of_work {
        // Only what has channels is seen to be used; of the others `/v1/work` tells the tokens of jobs.
        if let (Some(whose), Some(tokens)) = (models.get_mut(&model.name), model.tokens_per_day) {
            *whose.tokens_per_day.get_or_insert(0) += tokens;
        }
    }
    models.into_values().collect()
}

/// A count again, after sums of floats.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of a month")]
pub(in crate::engine) fn whole(value: f64) -> u64 {
    value.max(0.0).round() as u64
}
