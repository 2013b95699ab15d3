//! What is known of each channel, put together from what both lanes know.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::{Mode, Pilot, RouteBook};
use crate::engine::{Engine, HealSettings};
use crate::policy::fast::lane::Present;
use crate::policy::healing::facts::{Consent, Facts, Trouble};
use crate::policy::input::Standing;
use crate::risk::chance::HORIZONS;

/// Seconds after which what a probe found is of the past.
const STALE_S: f64 = 180.0;

impl Engine {
    /// What is known of every channel of a route class at `now`.
    pub(super) fn facts(&self, heal: &HealSettings, now: Timestamp) -> BTreeMap<ChannelId, Facts> {
        let Some(decide) = &self.settings().decide else { return BTreeMap::new() };
        let book = &decide.book;
        let situation = self.situation();
        let channels: BTreeSet<&ChannelId> = book.routes.iter().flat_map(|route| &route.class.channels).collect();
        let pilot = self.0.deciding.pilot();
        let facts = |name: &ChannelId| {
            let (standing, present) = pilot.fast(book, name, now);
            let of_channel = situation.channels.get(name);
            let risks = of_channel.iter().flat_map(|of| &of.risks).filter(|(_, risk)| risk.horizon == HORIZONS[1]);
            let open = situation.incidents.iter().filter(|incident| incident.channel == *name);
            let trouble = open.map(|incident| Trouble {
                kind: incident.kind,
                severity: incident.severity,
                first_sign: incident.times.first_sign.start(),
            });
            Facts {
                provider: heal.providers.get(name).cloned(),
                classes: book.routes_of(name).map(|(_, route)| route.class.name.clone()).collect(),
                consent: consent(&pilot, book, name),
                incidents: situation.minute.map(|_| trouble.collect()),
                tripped: standing.is_shut(),
                risk: risks.map(|(_, risk)| risk.probability).fold(f64::NAN, f64::max),
                failing: if present.calls > 0 { present.failing } else { f64::NAN },
                is_well: self.is_well(name, standing, present, now),
            }
        };
        channels.into_iter().map(|name| (name.clone(), facts(name))).collect()
    }

    /// Whether the channel `name` answers: by its probes if it has any, else by the calls that it gets, of which a channel
    /// that is kept out has single ones.
    pub(super) fn is_well(
        &self,
        name: &ChannelId,
        standing: Standing,
        present: Present,
        now: Timestamp,
    ) -> Option<bool> {
        if standing.is_shut() {
            return Some(false);
        }
        let probed = self.0.healing.probes.found(name).filter(|found| now.seconds_since(found.at) < STALE_S);
        if let Some(found) = probed {
            return Some(found.is_ok);
        }
        (present.calls > 0).then_some(present.failing < 0.5)
    }

    /// The same for the one channel `name`, now.
    pub(super) fn answers(&self, name: &ChannelId) -> bool {
        let Some(decide) = &self.settings().decide else { return false };
        let now = self.clock().now();
        let (standing, present) = self.0.deciding.pilot().fast(&decide.book, name, now);
        self.is_well(name, standing, present, now) == Some(true)
    }
}

/// What may be done about the channel `name`: what all of its classes allow.
fn consent(pilot: &Pilot, book: &RouteBook, name: &ChannelId) -> Consent {
    let of = book.routes_of(name).map(|(_, route)| match pilot.mode(route) {
        Mode::Observe => Consent::Nothing,
        Mode::Advise => Consent::Tell,
        Mode::Approve => Consent::Ask { needed: route.approvals.max(1) },
        Mode::Auto => Consent::Act,
    });
    of.reduce(Consent::and).unwrap_or_default()
}
