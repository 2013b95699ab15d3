//! What happens, told to whoever listens: one broadcast, which never waits for a slow listener.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::anomaly::verdict::Verdict;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::healing::ActionRow;
use crate::engine::machine::RiskOf;
use crate::incident::change::Change;
use crate::incident::group::GroupChange;
use crate::policy::decision::Decision;
use crate::policy::work::report::Report;
use crate::risk::outlook::Risk;

/// What a listener may fall behind by before it misses some.
const ROOM: usize = 4_096;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Happening {
    /// A minute of a channel was judged, as it stood then.
    Sample(Arc<Sample>),
    /// A column was odd.
    Anomaly {
        /// The channel.
        channel: ChannelId,
        /// The minute.
        minute: Minute,
        /// The column.
        column: Target,
        /// What is said of it.
        verdict: Arc<Verdict>,
    },
    /// An incident changed.
    Incident(Arc<Change>),
    /// A group of incidents changed.
    Group(Arc<GroupChange>),
    /// A decision was made.
    Decision(Arc<Decision>),
    /// A step of a playbook began or ended, or a run of one did.
    Action(Arc<ActionRow>),
    /// Work was shared out anew.
    Work(Arc<Report>),
    /// A channel may break what is promised.
    Risk {
        /// The minute after which it is said.
        minute: Minute,
        /// How likely.
        risk: RiskOf<Risk>,
    },
}

/// Where it is told.
#[derive(Debug)]
pub(super) struct Bus(broadcast::Sender<Happening>);

impl Default for Bus {
    fn default() -> Self {
        Self(broadcast::channel(ROOM).0)
    }
}

impl Bus {
    /// Tells everybody who listens. Nobody may.
    pub(super) fn tell(&self, happening: Happening) {
        let _listeners = self.0.send(happening);
    }

    /// From now on.
    pub(super) fn listen(&self) -> broadcast::Receiver<Happening> {
        self.0.subscribe()
    }

    /// Whether it is worth telling anything.
    pub(super) fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }
}
