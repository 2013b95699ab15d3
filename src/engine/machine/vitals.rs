//! What playbooks go by: what is known of each channel, put together from what both lanes know.
//!
//! The live engine and the replay ask the same question of the same pilot, so that a playbook does in a replay what it
//! would do live.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::{Mode, Pilot, RouteBook};
use crate::incident::state::Incident;
use crate::policy::healing::facts::{Consent, Facts, Trouble};
use crate::risk::chance::HORIZONS;
use crate::risk::outlook::Risk;

/// Seconds after which what a probe found is of the past.
const STALE_S: f64 = 180.0;

/// Everything that facts are made of.
#[derive(Debug, Clone, Copy)]
pub struct Vitals<'a> {
    /// The route classes.
    pub book: &'a RouteBook,
    /// What the fast lane knows, and which mode holds.
    pub pilot: &'a Pilot,
    /// Who serves each channel of which that is known.
    pub providers: &'a BTreeMap<ChannelId, String>,
    /// What probes last found, and when.
    pub probed: &'a BTreeMap<ChannelId, (Timestamp, bool)>,
}

impl Vitals<'_> {
    /// What is known at `now` of every channel of a route class, when `incidents` are open (`None` until a minute was
    /// judged) and `risks` says what the last minute said of each channel.
    pub fn facts<'r, R: Iterator<Item = &'r Risk>>(
        &self,
        now: Timestamp,
        incidents: Option<&[&Incident]>,
        risks: impl Fn(&ChannelId) -> R,
    ) -> BTreeMap<ChannelId, Facts> {
        let channels: BTreeSet<&ChannelId> = self.book.routes.iter().flat_map(|route| &route.class.channels).collect();
        let facts = |name: &ChannelId| {
            let (standing, present) = self.pilot.fast(self.book, name, now);
            let soon = risks(name).filter(|risk| risk.horizon == HORIZONS[1]);
            let trouble = |incident: &&Incident| Trouble {
                kind: incident.kind,
                severity: incident.severity,
                first_sign: incident.times.first_sign.start(),
            };
            let open = |open: &[&Incident]| open.iter().filter(|it| it.channel == *name).map(trouble).collect();
            Facts {
                provider: self.providers.get(name).cloned(),
                classes: self.book.routes_of(name).map(|(_, route)| route.class.name.clone()).collect(),
                consent: self.consent(name),
                incidents: incidents.map(open),
                tripped: standing.is_shut(),
                risk: soon.map(|risk| risk.probability).fold(f64::NAN, f64::max),
                failing: if present.calls > 0 { present.failing } else { f64::NAN },
                slow: if present.calls > 0 { present.slow } else { f64::NAN },
                answers: self.pilot.answers(name),
                is_well: self.is_well(name, now),
            }
        };
        channels.into_iter().map(|name| (name.clone(), facts(name))).collect()
    }

    /// Whether the channel `name` answers: by its probes if it has any, else by the calls that it gets, of which a channel
    /// that is kept out has single ones. `None` if nothing is known.
    #[must_use]
    pub fn is_well(&self, name: &ChannelId, now: Timestamp) -> Option<bool> {
        let (standing, present) = self.pilot.fast(self.book, name, now);
        if standing.is_shut() {
            return Some(false);
        }
        if let Some((_, is_ok)) = self.probed.get(name).filter(|(at, _)| now.seconds_since(*at) < STALE_S) {
            return Some(*is_ok);
        }
        (present.calls > 0).then_some(present.failing < 0.5)
    }

    /// What may be done about the channel `name`: what all of its classes allow.
    fn consent(&self, name: &ChannelId) -> Consent {
        let of = self.book.routes_of(name).map(|(_, route)| match self.pilot.mode(route) {
            Mode::Observe => Consent::Nothing,
            Mode::Advise => Consent::Tell,
            Mode::Approve => Consent::Ask { needed: route.approvals.max(1) },
            Mode::Auto => Consent::Act,
        });
        of.reduce(Consent::and).unwrap_or_default()
    }
}
