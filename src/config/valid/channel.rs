//! `[[channel]]` as meant.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::date;
use crate::config::raw;
use crate::domain::ids::ChannelId;
use crate::domain::price::Price;
use crate::domain::time::Timestamp;

/// A channel: one way to reach a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its name.
    pub name: ChannelId,
    /// Who serves it.
    pub provider: Option<String>,
    /// The model, as the provider calls it.
    pub model: Option<String>,
    /// Where it is served.
    pub region: Option<String>,
    /// The provider's name for the deployment.
    pub deployment: Option<String>,
    /// What the provider allows.
    pub limits: Limits,
    /// Its prices; no two begin at the same instant.
    pub prices: Vec<Price>,
}

/// What the provider allows on a channel; `None` is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Requests per minute.
    pub rpm: Option<NonZeroU64>,
    /// Tokens per minute.
    pub tpm: Option<NonZeroU64>,
}

impl Channel {
    pub(super) fn check_all(raw: &[raw::Channel], path: &Path, checker: &mut Checker<'_>) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, channel): (usize, &raw::Channel)| {
            let path = path.at(at);
            let name = checker.take(&path.key("name"), ChannelId::new(&channel.name));
            if name.as_ref().is_some_and(|name| !taken.insert(name.clone())) {
                checker.fail(&path.key("name"), format!("the channel `{}` is described twice", channel.name));
            }
            let prices = prices(&channel.prices, &path.key("prices"), checker);
            Some(Self {
                name: name?,
                provider: channel.provider.clone(),
                model: channel.model.clone(),
                region: channel.region.clone(),
                deployment: channel.deployment.clone(),
                limits: Limits {
                    rpm: channel.limits.rpm.and_then(NonZeroU64::new),
                    tpm: channel.limits.tpm.and_then(NonZeroU64::new),
                },
                prices,
            })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }
}

fn prices(raw: &[raw::Price], path: &Path, checker: &mut Checker<'_>) -> Vec<Price> {
    let mut begins = BTreeSet::new();
    let check = |(at, price): (usize, &raw::Price)| {
        let path = path.at(at).key("from");
        let always = || Ok(Timestamp::from_seconds(0));
        let valid_from = checker.take(&path, price.from.as_deref().map_or_else(always, date::parse))?;
        if !begins.insert(valid_from) {
            let message = "two prices of this channel begin at the same instant; give each its own `from`";
            checker.fail(&path, message);
        }
        Some(Price {
            valid_from,
            prompt_usd_per_mtok: price.prompt_usd_per_mtok,
            completion_usd_per_mtok: price.completion_usd_per_mtok,
            cached_usd_per_mtok: price.cached_usd_per_mtok.unwrap_or(price.prompt_usd_per_mtok),
        })
    };
    raw.iter().enumerate().filter_map(check).collect()
}
