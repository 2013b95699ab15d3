//! The question to the planner, put together from what both lanes know. It decides nothing.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::ahead::MINUTES;
use crate::engine::machine::pilot::book::{Route, RouteBook, error_limit, latency_limit};
use crate::engine::machine::pilot::{Pilot, View};
use crate::policy::input::{Candidate, PolicyInput, Promised, Standing};

/// More calls are slow with each doubling of a load that was never tried: twice as many, which is what queues do well
/// before they are full.
const CROWDING: f64 = 1.0;
/// Calls of the last minute that tell whether a channel is well.
const ENOUGH: u64 = 8;
/// Forecasts that say more than this are extrapolations and not believed further.
const MOST_SLOWER: f64 = 10.0;
/// What a call is taken to need if nobody knows: a short chat turn.
const TOKENS: (f64, f64) = (400.0, 150.0);

/// How far beyond what is promised the share of harmed calls must be for a risk to count.
const BORNE_OUT: f64 = 2.5;

impl Pilot {
    /// What is to be planned for `route` at `now`.
    pub(super) fn input(&self, book: &RouteBook, route: &Route, now: Timestamp) -> PolicyInput {
        let class = &route.class;
        let demand_per_min = self.demand(book, route);
        let tokens = self.tokens(route);
        let budget = self.courses.get(&class.name).zip(route.purse);
        let candidate = |name: &ChannelId| (name.clone(), self.candidate(book, route, name, (now, tokens)));
        PolicyInput {
            now,
            class: class.name.clone(),
            promise: Promised {
                slow: latency_limit(class).map(|(quantile, _)| 1.0 - quantile),
                failing: error_limit(class),
            },
            demand_per_min,
            budget_usd_per_call: budget.map(|(course, purse)| course.budget_per_call(purse, now, demand_per_min)),
            candidates: class.channels.iter().map(candidate).collect::<BTreeMap<_, _>>(),
        }
    }

    fn candidate(
        &self,
        book: &RouteBook,
        route: &Route,
        name: &ChannelId,
        (now, tokens): (Timestamp, (f64, f64)),
    ) -> Candidate {
        let class = &route.class;
        let view = self.views.get(name).copied().unwrap_or_default();
        let risk = self.risks.get(&class.name).and_then(|risks| risks.get(name)).copied().unwrap_or(f64::NAN);
        let (standing, present) = self.fast(book, name, now);
        // Who was found as quick as usual comes back as who was found well by the fast lane does.
        let quick = self.quick.get(name).filter(|since| now.seconds_since(**since) < book.lane.returning_s);
        let standing = match (standing, quick) {
            (Standing::Closed, Some(since)) => Standing::Returning { since: *since },
            (standing, _) => standing,
        };
        let standing = self.drained_standing(name, standing);
        let (calls, tried, usual) = self.memories.get(name).map_or((0.0, 0.0, (None, None, None)), |memory| {
            (memory.calls_per_min(), memory.tried_per_min(), memory.usual())
        });
        let (slow, latency_ms) = self.latency(class, name, &view);
        let slow_now = self.latency_at(class, name, 1.0).0.max(present.slow);
        let price = book
            .prices
            .at(name, now)
            .map(|price| (tokens.0 * price.prompt_usd_per_mtok + tokens.1 * price.completion_usd_per_mtok) / 1e6);
        let own = calls / sharers(book, name);
        let is_doubtful = view.doubtful_until.is_some_and(|until| now < until);
        // An incident closes minutes after the harm ended; calls that were heard know better.
        let limits =
            (latency_limit(class).map_or(1.0, |(quantile, _)| 1.0 - quantile), error_limit(class).unwrap_or(1.0));
        let (slow, failing) = (slow.max(present.slow), present.failing + view.ahead.failing_growth());
        // Of few calls a minute one is enough to break a percentile: a risk that no share of calls bears out is such noise.
        let is_borne_out = slow > BORNE_OUT * limits.0 || failing > BORNE_OUT * limits.1;
        let risk = if is_borne_out { risk } else { 0.0 };
        let is_well = present.calls >= ENOUGH && present.slow <= limits.0 && present.failing <= limits.1;
        Candidate {
            cost_usd: price.or(usual.2).unwrap_or(f64::NAN),
            latency_ms,
            slow,
            slow_now,
            failing,
            risk: if !is_doubtful {
                risk
            } else if is_well {
                0.0
            } else {
                f64::NAN
            },
            incident: view.incident.filter(|_| !is_well),
            standing,
            room_per_min: self.room(book, name, calls - own),
            tried_per_min: tried,
            others_per_min: calls - own,
            crowding: CROWDING,
        }
    }

    /// Share of calls on the channel `name` that will be slow, and their mean latency: what was, at the speed that is foreseen.
    fn latency(&self, class: &crate::engine::machine::Class, name: &ChannelId, view: &View) -> (f64, f64) {
        #[expect(clippy::cast_precision_loss, reason = "minutes of a quarter of an hour")]
        let course = self.memories.get(name).map_or(1.0, |memory| memory.slower(MINUTES as f64));
        let slower = view.ahead.slower.max(course).clamp(1.0, MOST_SLOWER);
        self.latency_at(class, name, slower)
    }

    /// The same, at a speed at which calls take `slower` times as long as they did.
    fn latency_at(&self, class: &crate::engine::machine::Class, name: &ChannelId, slower: f64) -> (f64, f64) {
        let limit_ms = latency_limit(class).map_or(f64::INFINITY, |(_, limit_ms)| limit_ms);
        let known = self.memories.get(name).and_then(|memory| memory.latency(limit_ms / slower));
        known.map_or((f64::NAN, f64::NAN), |(slow, mean_ms)| (slow, mean_ms * slower))
    }

    /// Calls a minute that quotas leave of the channel `name`, of which `others` are taken.
    fn room(&self, book: &RouteBook, name: &ChannelId, others: f64) -> f64 {
        let quota = book.quotas.get(name).copied().unwrap_or_default();
        let per_call = self.memories.get(name).map_or(TOKENS.0 + TOKENS.1, |memory| {
            let (prompt, completion, _) = memory.usual();
            prompt.unwrap_or(TOKENS.0) + completion.unwrap_or(TOKENS.1)
        });
        let by_calls = quota.calls_per_min.unwrap_or(f64::INFINITY);
        let by_tokens = quota.tokens_per_min.map_or(f64::INFINITY, |tokens| tokens / per_call.max(1.0));
        (by_calls.min(by_tokens) - others).max(0.0)
    }

    /// Calls a minute that `route` will have to serve: those of now, grown as the forecasts of its channels grow together.
    /// A single channel's forecast does not know what was moved away from it.
    fn demand(&self, book: &RouteBook, route: &Route) -> f64 {
        let (mut calls, mut now, mut most) = (0.0, 0.0, 0.0);
        for name in &route.class.channels {
            calls += self.memories.get(name).map_or(0.0, super::memory::Memory::calls_per_min) / sharers(book, name);
            let ahead = self.views.get(name).copied().unwrap_or_default().ahead;
            if ahead.calls_now.is_finite() && ahead.calls_most.is_finite() {
                (now, most) = (now + ahead.calls_now, most + ahead.calls_most);
            }
        }
        let growth: f64 = if now > 0.0 { most / now } else { 1.0 };
        calls * growth.clamp(1.0, 3.0)
    }

    /// Prompt and completion tokens of a usual call of `route`.
    fn tokens(&self, route: &Route) -> (f64, f64) {
        let (mut weight, mut prompt, mut completion) = (0.0, 0.0, 0.0);
        for memory in route.class.channels.iter().filter_map(|name| self.memories.get(name)) {
            if let (Some(of_prompt), Some(of_completion), _) = memory.usual() {
                let calls = memory.calls_per_min() + 1e-3;
                weight += calls;
                prompt += calls * of_prompt;
                completion += calls * of_completion;
            }
        }
        if weight > 0.0 { (prompt / weight, completion / weight) } else { TOKENS }
    }
}

/// Route classes that share the channel `name`, at least one.
pub(super) fn sharers(book: &RouteBook, name: &ChannelId) -> f64 {
    let classes = book.routes_of(name).count();
    #[expect(clippy::cast_precision_loss, reason = "a few classes")]
    let classes = classes.max(1) as f64;
    classes
}
