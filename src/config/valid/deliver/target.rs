//! What is at the other end.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::elements::secret::Secret;
use crate::config::raw;
use crate::config::valid::alerts::Address;
use crate::config::valid::alerts::{kept_or_written, secret};
use crate::domain::ids::ChannelId;

/// What is at the other end.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A signed request for each decision.
    Webhook {
        /// Where it is reached.
        address: Address,
        /// Bearer token.
        token: Option<Secret>,
        /// Secret that requests are signed with.
        sign: Option<Secret>,
    },
    /// The Redis of a LiteLLM proxy.
    RedisLitellm(Redis),
    /// The runtime socket of HAProxy.
    Haproxy {
        /// The socket.
        socket: Socket,
        /// Once no decision holds.
        fallback: Fallback,
    },
    /// The servers of an `upstream` of nginx.
    Nginx {
        /// The file.
        file: PathBuf,
        /// Command that checks nginx's configuration.
        test: Option<Vec<String>>,
        /// Command that has nginx read its files.
        reload: Vec<String>,
        /// Once no decision holds.
        fallback: Fallback,
    },
    /// A JSON patch for Kubernetes.
    Manifest {
        /// The file.
        file: PathBuf,
        /// The `backendRefs` of the rule, in their order.
        backends: Vec<String>,
        /// Number of the rule.
        rule: u32,
        /// Command that applies the file.
        apply: Option<Vec<String>>,
        /// Once no decision holds.
        fallback: Fallback,
    },
}

/// The Redis of a LiteLLM proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct Redis {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Number of the database.
    pub database: u16,
    /// User name.
    pub user: Option<String>,
    /// Password.
    pub password: Option<Secret>,
    /// What stands before keys, with its colon.
    pub namespace: Option<String>,
    /// How long one lease lasts; whole seconds.
    pub lease: Duration,
}

/// A socket of HAProxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Socket {
    /// A Unix socket.
    Unix(PathBuf),
    /// HOST:PORT.
    Tcp(String),
}

/// What happens where weights stay until somebody changes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Fallback {
    /// Shares once no decision holds, by the channel's name there; they are at least 0, and one is more.
    pub weights: BTreeMap<String, f64>,
    /// What a channel gets that has no share and that is to be learnt about.
    pub probe_share: f64,
    /// Whether this also holds once the program stops.
    pub restore_on_stop: bool,
}

impl Target {
    /// Name of the kind in the configuration.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::RedisLitellm(_) => "redis-litellm",
            Self::Haproxy { .. } => "haproxy",
            Self::Nginx { .. } => "nginx",
            Self::Manifest { .. } => "manifest",
        }
    }

    /// What happens once no decision holds; `None` where leases end by themselves.
    #[must_use]
    pub const fn fallback(&self) -> Option<&Fallback> {
        match self {
            Self::Webhook { .. } | Self::RedisLitellm(_) => None,
            Self::Haproxy { fallback, .. } | Self::Nginx { fallback, .. } | Self::Manifest { fallback, .. } => {
                Some(fallback)
            }
        }
    }

    pub(super) fn check(
        raw: &raw::Deliver,
        names: &BTreeMap<ChannelId, String>,
        path: &Path,
        checker: &mut Checker<'_>,
    ) -> Option<Self> {
        let fallback = Fallback::check(raw, names, path, checker);
        match raw {
            raw::Deliver::Webhook { url, url_from, token, sign, .. } => {
                let address = kept_or_written(url.as_deref(), url_from.as_ref(), path, checker);
                let token = secret(token.as_ref(), &path.key("token"), checker);
                let sign = secret(sign.as_ref(), &path.key("sign"), checker);
                Some(Self::Webhook { address: address?, token, sign })
            }
            raw::Deliver::RedisLitellm { .. } => Redis::check(raw, path, checker).map(Self::RedisLitellm),
            raw::Deliver::Haproxy { socket, .. } => {
                let socket = checker.take(&path.key("socket"), Socket::parse(socket));
                Some(Self::Haproxy { socket: socket?, fallback })
            }
            raw::Deliver::Nginx { file, test, reload, .. } => {
                command(Some(reload), &path.key("reload"), checker);
                command(test.as_deref(), &path.key("test"), checker);
                Some(Self::Nginx { file: file.clone(), test: test.clone(), reload: reload.clone(), fallback })
            }
            raw::Deliver::Manifest { file, backends, rule, apply, .. } => {
                command(apply.as_deref(), &path.key("apply"), checker);
                for (channel, name) in names.iter().filter(|(_, name)| !backends.contains(name)) {
                    let message = format!("`{channel}` is called `{name}`, which is none of these");
                    checker.fail(&path.key("backends"), message);
                }
                let (file, backends) = (file.clone(), backends.clone());
                Some(Self::Manifest { file, backends, rule: rule.unwrap_or(0), apply: apply.clone(), fallback })
            }
        }
    }
}

impl fmt::Display for Target {
    /// Where it is reached, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Webhook { address, .. } => address.fmt(f),
            Self::RedisLitellm(redis) => write!(f, "redis://{}:{}/{}", redis.host, redis.port, redis.database),
            Self::Haproxy { socket, .. } => socket.fmt(f),
            Self::Nginx { file, .. } | Self::Manifest { file, .. } => file.display().fmt(f),
        }
    }
}

impl Redis {
    fn check(raw: &raw::Deliver, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let raw::Deliver::RedisLitellm { url, user, password, namespace, lease, .. } = raw else { return None };
        let place = checker.take(&path.key("url"), place(url));
        let default = Duration::from_secs(8);
        let lease = lease.as_deref().map_or(Ok(default), |lease| duration::parse_within(lease, "3s", "1m"));
        let lease = checker.take_or(&path.key("lease"), lease, default);
        if lease.subsec_nanos() != 0 {
            checker.fail(&path.key("lease"), "expected whole seconds, which is what Redis counts leases in");
        }
        let password = secret(password.as_ref(), &path.key("password"), checker);
        let (host, port, database) = place?;
        // LiteLLM joins its namespace and its keys with a colon.
        let namespace =
            namespace.as_ref().filter(|it| !it.is_empty()).map(|it| format!("{}:", it.trim_end_matches(':')));
        Some(Self { host, port, database, user: user.clone(), password, namespace, lease })
    }
}

/// Host, port and number of the database of an address of Redis.
fn place(url: &str) -> Result<(String, u16, u16), String> {
    let Some(rest) = url.strip_prefix("redis://") else {
        return Err(if url.starts_with("rediss://") {
            "TLS is not spoken to Redis: put a local proxy such as stunnel in between, and use `redis://`".to_owned()
        } else {
            "expected an address such as \"redis://127.0.0.1:6379/0\"".to_owned()
        });
    };
    if rest.contains('@') {
        return Err(
            "credentials do not belong into an address: use `user` and `password = { env = \"NAME\" }`".to_owned()
        );
    }
    let wrong = || format!("expected an address such as \"redis://127.0.0.1:6379/0\", found `{url}`");
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let database = if database.is_empty() { Ok(0) } else { database.parse() };
    let colon = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    let (host, port) = match colon {
        Some(at) => (&authority[..at], authority[at + 1..].parse().map_err(|_| wrong())?),
        None => (authority, 6_379),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err(wrong());
    }
    Ok((host.to_owned(), port, database.map_err(|_| wrong())?))
}

impl Socket {
    fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with(['/', '.']) {
            return Ok(Self::Unix(PathBuf::from(text)));
        }
        let port = text.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port.parse::<u16>());
        match port {
            Some(Ok(1..)) => Ok(Self::Tcp(text.to_owned())),
            _ => Err(format!("expected a path such as \"/run/haproxy/admin.sock\", or HOST:PORT, found `{text}`")),
        }
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(f),
            Self::Tcp(address) => f.write_str(address),
        }
    }
}

impl Fallback {
    /// The values of `raw`, which where leases end by themselves has none.
    fn check(raw: &raw::Deliver, names: &BTreeMap<ChannelId, String>, path: &Path, checker: &mut Checker<'_>) -> Self {
        let (written, probe_share, restore) = match raw {
            raw::Deliver::Haproxy { fallback, probe_share, restore_on_stop, .. }
            | raw::Deliver::Nginx { fallback, probe_share, restore_on_stop, .. }
            | raw::Deliver::Manifest { fallback, probe_share, restore_on_stop, .. } => {
                (fallback.as_ref(), *probe_share, *restore_on_stop)
            }
            raw::Deliver::Webhook { .. } | raw::Deliver::RedisLitellm { .. } => (None, None, None),
        };
        let path = path.key("fallback");
        let weights: BTreeMap<String, f64> = match written {
            None => names.values().map(|name| (name.clone(), 1.0)).collect(),
            Some(written) => {
                for (channel, share) in written {
                    if !names.keys().any(|name| name.as_str() == channel) {
                        checker
                            .fail(&path.key(channel), format!("the channel `{channel}` serves none of these classes"));
                    }
                    if !share.is_finite() || *share < 0.0 {
                        checker.fail(&path.key(channel), format!("expected a share of at least 0, found {share}"));
                    }
                }
                if written.values().all(|share| *share <= 0.0) {
                    checker.fail(&path, "at least one channel must get something");
                }
                let share = |channel: &ChannelId| written.get(channel.as_str()).copied().unwrap_or(0.0);
                names.iter().map(|(channel, name)| (name.clone(), share(channel))).collect()
            }
        };
        Self { weights, probe_share: probe_share.unwrap_or(0.0), restore_on_stop: restore.unwrap_or(true) }
    }
}

/// A command is run word by word, by no shell.
fn command(words: Option<&[String]>, path: &Path, checker: &mut Checker<'_>) {
    if words.is_some_and(|words| words.first().is_none_or(String::is_empty)) {
        checker.fail(path, "expected a command word by word, such as [\"nginx\", \"-s\", \"reload\"]");
    }
}
