//! From a scenario's text to the scene of one seed.

use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::sim::replay::scene::{Channel, Class, Client, Demand, MOST_ATTEMPTS, Scene};
use crate::sim::scenario::raw::{ChannelText, ClassText, FaultText, Scenario};
use crate::sim::scenario::{ScenarioError, Traces, expect, play, preset};
use crate::sim::world::day::Shape;
use crate::sim::world::fault::{FaultKind, Spell};
use crate::sim::world::quota::Quota;
use crate::sim::world::{outage, region};
use crate::stats::seed::Seed;

/// Longest run and longest past: a month.
const MOST_MINUTES: u32 = 31 * 1_440;
const DEFAULT_PROMPT_TOKENS: f64 = 400.0;
const KINDS: [&str; 8] = ["step", "ramp", "failing", "dead", "throttling", "time-outs", "daily-peak", "price"];

impl Scenario {
    /// Checks everything that can be checked without playing.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        if !(1..=MOST_MINUTES).contains(&self.length_min) || self.past_min > MOST_MINUTES {
            return Err(ScenarioError::value("length_min or past_min", format!("is not within 1 to {MOST_MINUTES}")));
        }
        self.check_policies(&self.policies)?;
        let traces = self.trace_names().map(|name| (name.to_owned(), std::sync::Arc::default())).collect();
        self.scene(1, &traces)?;
        self.expectations.iter().try_for_each(|expected| expect::check(expected, &self.policies))
    }

    /// Whether `policies` can play it.
    ///
    /// # Errors
    /// [`ScenarioError`] if there is no such policy, or one wants playbooks and there are none.
    pub fn check_policies(&self, policies: &[String]) -> Result<(), ScenarioError> {
        if let Some(name) = policies.iter().find(|name| !play::POLICIES.contains(&name.as_str())) {
            return Err(ScenarioError::unknown("policy", name, play::POLICIES));
        }
        match policies.iter().find(|name| play::CARED_FOR.contains(&name.as_str())) {
            Some(name) if self.playbooks.is_none() => {
                Err(ScenarioError::value(format!("policy `{name}`"), "wants playbooks, and the scenario names none"))
            }
            _ => Ok(()),
        }
    }

    /// The files of recorded calls that it wants.
    pub fn trace_names(&self) -> impl Iterator<Item = &str> {
        self.classes.iter().filter_map(|class| class.trace.as_deref())
    }

    /// The scene of one seed, with the recorded calls that [`Scenario::trace_names`] asks for.
    ///
    /// # Errors
    /// [`ScenarioError`] if something is named that is not there, or makes no sense.
    pub fn scene(&self, seed: u64, traces: &Traces) -> Result<Scene, ScenarioError> {
        let seed = Seed::new(seed).child(&self.name);
        let start = self.start()?;
        let home = self.classes.first().and_then(|class| class.region.as_deref());
        let channels = self.channels.iter().map(|text| channel(text, home)).collect::<Result<_, _>>()?;
        let classes = self.classes.iter().map(|text| self.class(text, traces)).collect::<Result<_, _>>()?;
        let retries = self.client.retries.unwrap_or(Client::default().retries);
        let time_out_ms = self.client.time_out_s.map_or(Client::default().time_out_ms, |seconds| seconds * 1e3);
        if retries >= MOST_ATTEMPTS || !is_positive(time_out_ms) {
            return Err(ScenarioError::value(
                "client",
                format!("needs fewer than {MOST_ATTEMPTS} retries and a time-out"),
            ));
        }
        let client = Client { retries, time_out_ms };
        let (past_min, length_min) = (self.past_min, self.length_min);
        let care = self.care()?;
        let mut scene = Scene { seed, channels, classes, client, care, start, past_min, length_min };
        for (number, fault) in self.faults.iter().enumerate() {
            self.strike(&mut scene, fault, seed.child("outage").nth(number as u64))?;
        }
        Ok(scene)
    }

    fn start(&self) -> Result<Minute, ScenarioError> {
        let at = Timestamp::parse_rfc3339(&self.start);
        let minute = at.filter(|at| *at == at.minute().start() && at.minute().0 > 2 * MOST_MINUTES);
        let wrong = || ScenarioError::value("start", "is not a whole minute as in 2026-03-02T12:00:00Z");
        minute.map(Timestamp::minute).ok_or_else(wrong)
    }

    fn class(&self, text: &ClassText, traces: &Traces) -> Result<Class, ScenarioError> {
        let names = || self.channels.iter().map(|channel| channel.name.as_str());
        let place = |name: &String| {
            names().position(|known| known == name).ok_or_else(|| ScenarioError::unknown("channel", name, names()))
        };
        let channels = match &text.channels {
            Some(chosen) => chosen.iter().map(place).collect::<Result<Vec<_>, _>>()?,
            None => (0..self.channels.len()).collect(),
        };
        let shares = [text.slow, text.failing, text.swing];
        if channels.is_empty() || !is_positive(text.limit_ms) || shares.iter().any(|share| !(0.0..=1.0).contains(share))
        {
            return Err(ScenarioError::value(
                format!("class `{}`", text.name),
                "needs channels, a limit and shares of 0 to 1",
            ));
        }
        let demand = match (&text.trace, text.rate) {
            (Some(name), None) => Demand::Trace(
                traces
                    .get(name)
                    .cloned()
                    .ok_or_else(|| ScenarioError::unknown("trace", name, traces.keys().map(String::as_str)))?,
            ),
            (None, Some(rate)) if rate.is_finite() && rate > 0.0 => Demand::Poisson {
                rate,
                shape: Shape { peak_hour: text.peak_hour, swing: text.swing, second: 0.0 },
                prompt_tokens: text.prompt_tokens.unwrap_or(DEFAULT_PROMPT_TOKENS),
                answer_tokens: text.answer_tokens,
            },
            _ => {
                return Err(ScenarioError::value(
                    format!("class `{}`", text.name),
                    "needs either a positive rate or a trace",
                ));
            }
        };
        let (limit_ms, slow, failing) = (text.limit_ms, text.slow, text.failing);
        Ok(Class { name: text.name.clone(), limit_ms, slow, failing, channels, demand })
    }

    /// Puts `fault` on its channels.
    fn strike(&self, scene: &mut Scene, fault: &FaultText, luck: Seed) -> Result<(), ScenarioError> {
        let spells = spells(fault, scene, luck)?;
        let is_hit = |channel: &ChannelText| match (&fault.channel, &fault.provider) {
            (Some(name), _) => channel.name == *name,
            (None, Some(provider)) => provider_of(channel) == Some(provider.as_str()),
            (None, None) => false,
        };
        let mut hit = 0;
        for (channel, text) in scene.channels.iter_mut().zip(&self.channels).filter(|(_, text)| is_hit(text)) {
            debug_assert_eq!(channel.id.as_str(), text.name);
            channel.remedies.extend(self.remedy(fault, channel.spells.len())?);
            channel.spells.extend_from_slice(&spells);
            hit += 1;
        }
        let name = fault.channel.as_deref().or(fault.provider.as_deref()).unwrap_or_default();
        let known = self.channels.iter().map(|channel| channel.name.as_str());
        if hit == 0 { Err(ScenarioError::unknown("channel or provider", name, known)) } else { Ok(()) }
    }
}

fn is_positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// Who runs `channel`.
fn provider_of(channel: &ChannelText) -> Option<&str> {
    let own = channel.provider.as_deref();
    own.or_else(|| preset::preset(&channel.like).map(|profile| profile.provider))
}

fn channel(text: &ChannelText, home: Option<&str>) -> Result<Channel, ScenarioError> {
    let presets = preset::all();
    let known = || presets.iter().map(|profile| profile.name);
    let mut profile =
        preset::preset(&text.like).ok_or_else(|| ScenarioError::unknown("preset", &text.like, known()))?;
    let wrong = |why: &str| ScenarioError::value(format!("channel `{}`", text.name), why);
    for (value, place) in [
        (text.base_ms, &mut profile.base_ms),
        (text.prefill_ms_per_token, &mut profile.prefill_ms_per_token),
        (text.decode_ms_per_token, &mut profile.decode_ms_per_token),
        (text.contention, &mut profile.contention),
        (text.noise, &mut profile.noise),
        (text.failing, &mut profile.failure_rate),
        (text.throttled, &mut profile.throttle_rate),
        (text.swing, &mut profile.background.swing),
        (text.peak_hour, &mut profile.background.peak_hour),
        (text.usd_prompt, &mut profile.price.prompt),
        (text.usd_completion, &mut profile.price.completion),
    ] {
        let Some(value) = value else { continue };
        if !(value.is_finite() && value >= 0.0) {
            return Err(wrong("has a value that is negative or no number"));
        }
        *place = value;
    }
    profile.price.cached = profile.price.cached.min(profile.price.prompt);
    profile.background.second = if text.swing.is_some() { 0.0 } else { profile.background.second };
    profile.batch = text.batch.unwrap_or(profile.batch).max(1);
    profile.max_in_flight = text.max_in_flight.unwrap_or(profile.max_in_flight).max(1);
    let round_trip_ms = match (text.region.as_deref(), home) {
        (Some(there), Some(here)) => {
            let both = || ScenarioError::unknown("region", &format!("{there} or {here}"), region::names());
            region::round_trip_ms(here, there).ok_or_else(both)?
        }
        _ => 0.0,
    };
    Ok(Channel {
        id: ChannelId::new(&text.name).map_err(|error| wrong(&format!("has a name that {error}")))?,
        profile,
        spells: Vec::new(),
        remedies: Vec::new(),
        quota: Quota { requests: text.rpm, tokens: text.tpm },
        round_trip_ms,
    })
}

/// What `fault` comes to: one spell, or many if it flaps.
fn spells(fault: &FaultText, scene: &Scene, luck: Seed) -> Result<Vec<Spell>, ScenarioError> {
    let kind = kind(fault)?;
    let begin = scene.begin();
    let at = |minutes: f64| {
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        begin.plus_micros((minutes * 60e6).round() as i64)
    };
    if matches!(kind, FaultKind::DailyPeak { .. }) {
        // It was there before anybody watched.
        return Ok(vec![Spell { from: Timestamp::from_seconds(0), to: at(f64::from(2 * MOST_MINUTES)), kind }]);
    }
    let from = fault.at_min.filter(|minutes| minutes.is_finite());
    let from = from.ok_or_else(|| ScenarioError::value(format!("fault `{}`", fault.kind), "needs at_min"))?;
    let length = match (fault.for_min, &fault.mended_by) {
        (Some(minutes), _) => minutes,
        (None, Some(_)) => f64::from(scene.length_min),
        (None, None) => outage::minutes(luck),
    };
    let (from, to) = (from, from + length.max(0.0));
    let Some([on_s, off_s]) = fault.flapping_s else { return Ok(vec![Spell { from: at(from), to: at(to), kind }]) };
    if !(on_s >= 1.0 && off_s >= 1.0) {
        return Err(ScenarioError::value("flapping_s", "needs a second and more for each"));
    }
    let period = (on_s + off_s) / 60.0;
    let starts = std::iter::successors(Some(from), |start| Some(start + period)).take_while(|start| *start < to);
    Ok(starts.map(|start| Spell { from: at(start), to: at((start + on_s / 60.0).min(to)), kind }).collect())
}

fn kind(fault: &FaultText) -> Result<FaultKind, ScenarioError> {
    let wrong = |why: &str| ScenarioError::value(format!("fault `{}`", fault.kind), why);
    let times =
        || fault.amount.filter(|times| times.is_finite() && *times > 0.0).ok_or_else(|| wrong("needs an amount"));
    let share = || times().and_then(|share| if share <= 1.0 { Ok(share) } else { Err(wrong("has a share above 1")) });
    Ok(match fault.kind.as_str() {
        "step" => FaultKind::Step(times()?),
        "ramp" => FaultKind::Ramp(times()?),
        "failing" => FaultKind::Failing(share()?),
        "dead" => FaultKind::Failing(1.0),
        "throttling" => FaultKind::Throttling(share()?),
        "time-outs" => FaultKind::TimeOuts(share()?),
        "price" => FaultKind::Price(times()?),
        "daily-peak" => {
            let (Some(hour), Some(hours)) = (fault.hour, fault.hours) else {
                return Err(wrong("needs hour and hours"));
            };
            FaultKind::DailyPeak { hour, times: times()?, hours }
        }
        other => return Err(ScenarioError::unknown("kind of fault", other, KINDS)),
    })
}
