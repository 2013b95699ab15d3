//! Where a channel stands among the others: what it shares with them can break for all of them at once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;

/// What is known of where a channel's calls go; `None` is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The model, as the provider calls it.
    pub model: Option<Arc<str>>,
    /// Who serves it.
    pub provider: Option<Arc<str>>,
    /// The provider's name for the deployment.
    pub deployment: Option<Arc<str>>,
    /// Where it is served.
    pub region: Option<Arc<str>>,
}

/// A part of the world that several channels share. From the narrowest to the widest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One region of one provider.
    Region {
        /// The provider.
        provider: Arc<str>,
        /// The region.
        region: Arc<str>,
    },
    /// One deployment of one provider.
    Deployment {
        /// The provider.
        provider: Arc<str>,
        /// The deployment.
        deployment: Arc<str>,
    },
    /// All that one provider serves.
    Provider {
        /// The provider.
        provider: Arc<str>,
    },
    /// One model, whoever serves it.
    Model {
        /// The model.
        model: Arc<str>,
    },
}

impl Place {
    /// Model, provider, deployment and region; empty where unknown.
    pub(super) fn path(&self) -> [&str; 4] {
        let parts = [&self.model, &self.provider, &self.deployment, &self.region];
        parts.map(|part| part.as_deref().unwrap_or_default())
    }

    /// Every scope that the channel lies in, the narrowest first. Regions and deployments are those of a provider:
    /// `eu` of one says nothing of `eu` of another.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        let provider = || self.provider.clone();
        let region = provider().zip(self.region.clone()).map(|(provider, region)| Scope::Region { provider, region });
        let deployment = provider()
            .zip(self.deployment.clone())
            .map(|(provider, deployment)| Scope::Deployment { provider, deployment });
        let all = provider().map(|provider| Scope::Provider { provider });
        let model = self.model.clone().map(|model| Scope::Model { model });
        [region, deployment, all, model].into_iter().flatten().collect()
    }
}

impl Scope {
    /// What is shared: `region`, `deployment`, `provider` or `model`.
    #[must_use]
    pub const fn level(&self) -> &'static str {
        match self {
            Self::Region { .. } => "region",
            Self::Deployment { .. } => "deployment",
            Self::Provider { .. } => "provider",
            Self::Model { .. } => "model",
        }
    }
}

impl fmt::Display for Scope {
    /// As a path: `openai`, `openai/eu`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region { provider, region: part } | Self::Deployment { provider, deployment: part } => {
                write!(f, "{provider}/{part}")
            }
            Self::Provider { provider: name } | Self::Model { model: name } => f.write_str(name),
        }
    }
}

/// Every channel and its place, and how many channels each scope has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Topology {
    places: BTreeMap<ChannelId, Place>,
    sizes: BTreeMap<Scope, usize>,
}

impl Topology {
    /// These channels.
    #[must_use]
    pub fn new(places: BTreeMap<ChannelId, Place>) -> Self {
        let mut sizes = BTreeMap::new();
        for scope in places.values().flat_map(Place::scopes) {
            *sizes.entry(scope).or_default() += 1;
        }
        Self { places, sizes }
    }

    /// Where `channel` stands, if it is known.
    #[must_use]
    pub fn place(&self, channel: &ChannelId) -> Option<&Place> {
        self.places.get(channel)
    }

    /// How many channels lie in `scope`.
    #[must_use]
    pub fn size(&self, scope: &Scope) -> usize {
        self.sizes.get(scope).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_widen_and_unknown_parts_have_none() {
        let place = Place {
            provider: Some("azure".into()),
            region: Some("eu".into()),
            model: Some("gpt".into()),
            deployment: None,
        };
        let names: Vec<String> = place.scopes().iter().map(|scope| format!("{} {scope}", scope.level())).collect();
        assert_eq!(names, ["region azure/eu", "provider azure", "model gpt"]);
        assert!(place.scopes().is_sorted());
        assert!(Place { region: Some("eu".into()), ..Place::default() }.scopes().is_empty());
        let channel = |name| ChannelId::new(name).expect("a name");
        let topology = Topology::new(BTreeMap::from([(channel("a"), place.clone()), (channel("b"), place.clone())]));
        assert_eq!(topology.size(&place.scopes()[0]), 2);
        assert_eq!(topology.place(&channel("c")), None);
    }
}
