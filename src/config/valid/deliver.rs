//! `[[deliver]]` as meant.

mod names;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Channel, Route, unique_name};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::raw;
use crate::domain::ids::ChannelId;

pub use target::{Fallback, Redis, Socket, Target};

/// Whom decisions are brought to.
#[derive(Debug, Clone, PartialEq)]
pub struct Deliver {
    /// Name in metrics and logs; unique.
    pub name: String,
    /// The route classes: at least one, and exactly one where an upstream has one set of weights.
    pub classes: Vec<String>,
    /// What every channel of these classes is called there; no two are called the same.
    pub names: BTreeMap<ChannelId, String>,
    /// What is there.
    pub target: Target,
    /// Longest time for one try.
    pub timeout: Duration,
}

/// What every kind has.
struct Common<'r> {
    name: &'r str,
    classes: Option<&'r [String]>,
    channels: &'r BTreeMap<String, String>,
    timeout: Option<&'r str>,
    /// The longest time for one try where nothing is said.
    default_s: u64,
}

impl<'r> Common<'r> {
    fn of(raw: &'r raw::Deliver) -> Self {
        let (name, classes, channels, timeout, default_s) = match raw {
            raw::Deliver::Webhook { name, classes, channels, timeout, .. }
            | raw::Deliver::Nginx { name, classes, channels, timeout, .. }
            | raw::Deliver::Manifest { name, classes, channels, timeout, .. } => (name, classes, channels, timeout, 10),
            raw::Deliver::RedisLitellm { name, classes, channels, timeout, .. }
            | raw::Deliver::Haproxy { name, classes, channels, timeout, .. } => (name, classes, channels, timeout, 2),
        };
        Self { name, classes: classes.as_deref(), channels, timeout: timeout.as_deref(), default_s }
    }
}

impl Deliver {
    pub(super) fn check_all(
        raw: &[raw::Deliver],
        (channels, routes): (&[Channel], &[Route]),
        is_decided: bool,
        checker: &mut Checker<'_>,
    ) -> Vec<Self> {
        let path = Path::default().key("deliver");
        if !raw.is_empty() && !is_decided {
            checker.fail(&path, "there is nothing to deliver while `decide.enabled` is false");
        }
        let mut taken = BTreeSet::new();
        let check = |(at, deliver): (usize, &raw::Deliver)| {
            let path = path.at(at);
            let common = Common::of(deliver);
            let classes = classes(common.classes, routes, &path.key("classes"), checker);
            let is_one_pool = !matches!(deliver, raw::Deliver::Webhook { .. } | raw::Deliver::RedisLitellm { .. });
            if is_one_pool && classes.len() > 1 {
                let message = "an upstream has one set of weights: name the one class that it serves";
                checker.fail(&path.key("classes"), message);
            }
            let of = routes.iter().filter(|route| classes.contains(&route.class));
            let served: BTreeSet<ChannelId> = of.flat_map(|route| route.channels.iter().cloned()).collect();
            let names = names::check(deliver, common.channels, (channels, &served), &path, checker);
            let target = Target::check(deliver, &names, &path, checker);
            let default = Duration::from_secs(common.default_s);
            let timeout = common.timeout.map_or(Ok(default), |it| duration::parse_within(it, "100ms", "1m"));
            let timeout = checker.take_or(&path.key("timeout"), timeout, default);
            let name = unique_name(common.name, &path.key("name"), &mut taken, checker);
            Some(Self { name: name?, classes, names, target: target?, timeout })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }
}

fn classes(names: Option<&[String]>, routes: &[Route], path: &Path, checker: &mut Checker<'_>) -> Vec<String> {
    let Some(names) = names else {
        if routes.is_empty() {
            checker.fail(path, "there is no `[[route]]` whose decisions could be delivered");
        }
        return routes.iter().map(|route| route.class.clone()).collect();
    };
    if names.is_empty() {
        checker.fail(path, "name at least one class");
    }
    for (at, name) in names.iter().enumerate() {
        if !routes.iter().any(|route| route.class == *name) {
            checker.fail(&path.at(at), format!("there is no `[[route]]` with the class `{name}`"));
        }
        if names[..at].contains(name) {
            checker.fail(&path.at(at), format!("the class `{name}` is named twice"));
        }
    }
    names.to_vec()
}
