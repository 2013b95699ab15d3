//! What is known of each channel now, as [`Vitals`] puts it together.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::machine::vitals::Vitals;
use crate::engine::{Engine, HealSettings};
use crate::incident::state::Incident;
use crate::policy::healing::facts::Facts;

impl Engine {
    /// What is known of every channel of a route class at `now`.
    pub(super) fn facts(&self, heal: &HealSettings, now: Timestamp) -> BTreeMap<ChannelId, Facts> {
        let Some(decide) = &self.settings().decide else { return BTreeMap::new() };
        let situation = self.situation();
        let open: Vec<&Incident> = situation.incidents.iter().collect();
        let risks =
            |name: &ChannelId| situation.channels.get(name).into_iter().flat_map(|of| &of.risks).map(|(_, risk)| risk);
        // One lock after the other, and never both: others take them too.
        let probed = self.0.healing.probes.all();
        let pilot = self.0.deciding.pilot();
        let vitals = Vitals { book: &decide.book, pilot: &pilot, providers: &heal.providers, probed: &probed };
        vitals.facts(now, situation.minute.map(|_| &open[..]), risks)
    }

    /// Whether the channel `name` answers now.
    pub(super) fn answers(&self, name: &ChannelId) -> bool {
        let Some(decide) = &self.settings().decide else { return false };
        let now = self.clock().now();
        let (probed, providers) = (self.0.healing.probes.all(), BTreeMap::new());
        let pilot = self.0.deciding.pilot();
        let vitals = Vitals { book: &decide.book, pilot: &pilot, providers: &providers, probed: &probed };
        vitals.is_well(name, now) == Some(true)
    }
}
