//! Leases channels out of LiteLLM, over the Redis that its workers share.
//!
//! LiteLLM cools a deployment down by a key that ends by itself. The same key, set for a channel without a share and renewed
//! while the decision holds, has every worker leave it within a second, and come back by itself when nobody renews it. Two
//! things follow from how LiteLLM reads it: a key that is deleted early is not noticed (each worker remembers its end), so
//! leases are short; and where every deployment of a group is cooled down requests fail, so one is always kept out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo, RedisError};
use serde_json::json;

use crate::act::adapters::{Adapter, AdapterError, NOTHING, Pool};
use crate::domain::time::Timestamp;

/// In messages.
const REDIS: &str = "Redis";

/// What Redis is, secrets in the clear.
#[derive(Clone)]
pub struct Spec<'s> {
    /// The host.
    pub host: &'s str,
    /// The port.
    pub port: u16,
    /// Number of the database.
    pub database: u16,
    /// User name.
    pub user: Option<&'s str>,
    /// Password.
    pub password: Option<&'s str>,
    /// What stands before keys.
    pub prefix: &'s str,
    /// How long one lease lasts, in seconds.
    pub lease_s: u32,
    /// Longest time for one try.
    pub timeout: Duration,
}

/// Leases channels out of LiteLLM. Printing it shows no secret.
pub struct RedisLitellm {
    client: Client,
    config: AsyncConnectionConfig,
    connection: Option<MultiplexedConnection>,
    prefix: String,
    lease_s: u32,
}

impl RedisLitellm {
    /// Leases through the Redis of `spec`; connects when there is something to lease.
    ///
    /// # Errors
    /// If there cannot be such a client.
    pub fn new(spec: &Spec<'_>) -> Result<Self, AdapterError> {
        let mut login = RedisConnectionInfo::default().set_db(i64::from(spec.database)).set_skip_set_lib_name();
        if let Some(user) = spec.user {
            login = login.set_username(user);
        }
        if let Some(password) = spec.password {
            login = login.set_password(password);
        }
        let address = ConnectionAddr::Tcp(spec.host.to_owned(), spec.port);
        let info = address.into_connection_info().map_err(|error| wrong(&error))?.set_redis_settings(login);
        let limit = Some(spec.timeout);
        let config = AsyncConnectionConfig::new().set_connection_timeout(limit).set_response_timeout(limit);
        let client = Client::open(info).map_err(|error| wrong(&error))?;
        Ok(Self { client, config, connection: None, prefix: spec.prefix.to_owned(), lease_s: spec.lease_s })
    }

    async fn set(&mut self, leases: &BTreeSet<&str>, now: Timestamp) -> Result<(), RedisError> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.client.get_multiplexed_async_connection_with_config(&self.config).await?,
        };
        let value = self.value(now);
        let mut pipe = redis::pipe();
        for name in leases {
            pipe.cmd("SET").arg(key(&self.prefix, name)).arg(&value).arg("EX").arg(self.lease_s).ignore();
        }
        let () = pipe.query_async(&mut connection).await?;
        // One that failed is not used again.
        self.connection = Some(connection);
        Ok(())
    }

    /// What LiteLLM writes itself when it cools a deployment down.
    fn value(&self, now: Timestamp) -> String {
        #[expect(clippy::cast_precision_loss, reason = "microseconds of this century are exact enough")]
        let unix_s = now.micros() as f64 / 1e6;
        let cooldown = f64::from(self.lease_s);
        let value = json!({
            "exception_received": "predicted", "status_code": "503", "timestamp": unix_s, "cooldown_time": cooldown,
        });
        value.to_string()
    }
}

impl fmt::Debug for RedisLitellm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLitellm")
            .field("prefix", &self.prefix)
            .field("lease_s", &self.lease_s)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Adapter for RedisLitellm {
    async fn apply(&mut self, pools: &[Pool], now: Timestamp) -> Result<(), AdapterError> {
        let leases = leased(pools);
        if leases.is_empty() {
            return Ok(());
        }
        self.set(&leases, now).await.map_err(|error| wrong(&error))
    }

    /// A third of a lease, so that one renewal may fail.
    fn again_after(&self) -> Option<Duration> {
        Some(Duration::from_secs(u64::from(self.lease_s)) / 3)
    }
}

fn key(prefix: &str, name: &str) -> String {
    format!("{prefix}deployment:{name}:cooldown")
}

/// The channels without a share in any of `pools`. Of each pool one stays: that of the largest share, and where none has
/// one, the first.
fn leased(pools: &[Pool]) -> BTreeSet<&str> {
    let mut largest: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, share) in pools.iter().flat_map(|pool| &pool.weights) {
        let known = largest.entry(name).or_insert(0.0);
        // A share that is no number is none.
        *known = known.max(*share);
    }
    let mut leased: BTreeSet<&str> =
        largest.iter().filter(|(_, share)| **share <= NOTHING).map(|(name, _)| *name).collect();
    for pool in pools {
        if pool.weights.keys().all(|name| leased.contains(name.as_str()))
            && let Some(first) = pool.weights.keys().next()
        {
            leased.remove(first.as_str());
        }
    }
    leased
}

/// What went wrong, in the words of the library, which name neither address nor password.
fn wrong(error: &RedisError) -> AdapterError {
    if error.is_timeout() {
        AdapterError::Timeout
    } else if error.is_io_error() || error.is_connection_refusal() || error.is_connection_dropped() {
        AdapterError::Unreachable(REDIS, error.to_string())
    } else {
        AdapterError::Answer(REDIS, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::adapters::tests::pool;

    #[test]
    fn one_deployment_is_always_kept_out_of_it() {
        let names = |pools: &[Pool]| leased(pools).into_iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names(&[pool(&[("a", 0.0), ("b", 0.7), ("c", 0.0), ("d", 0.3)])]), ["a", "c"]);
        assert_eq!(names(&[pool(&[("a", 0.0), ("b", 0.0)])]), ["b"]);
        // What one class still uses is not taken from it because another does not.
        assert_eq!(names(&[pool(&[("a", 0.0), ("b", 1.0)]), pool(&[("a", 1.0), ("b", 0.0)])]), Vec::<String>::new());
        assert_eq!(names(&[]), Vec::<String>::new());
    }

    #[test]
    fn the_key_and_its_value_are_those_of_litellm_and_no_secret_is_printed() {
        let (timeout, password) = (Duration::from_secs(1), Some("hunter2"));
        let spec = Spec { host: "h", port: 1, database: 0, user: None, password, prefix: "p:", lease_s: 8, timeout };
        let adapter = RedisLitellm::new(&spec).expect("a client");
        let value = adapter.value(Timestamp::from_micros(1_795_000_000_500_000));
        let expected =
            r#"{"exception_received":"predicted","status_code":"503","timestamp":1795000000.5,"cooldown_time":8.0}"#;
        assert_eq!(value, expected);
        assert_eq!(key("p:", "id-1"), "p:deployment:id-1:cooldown");
        assert!(!format!("{adapter:?}").contains("hunter2"));
    }
}
