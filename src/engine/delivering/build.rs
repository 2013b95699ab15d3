//! From what operators say about a target to the adapter that reaches it.

use crate::act::adapters::Adapter;
use crate::act::adapters::haproxy::{self, Haproxy};
use crate::act::adapters::manifest::Manifest;
use crate::act::adapters::nginx::Nginx;
use crate::act::adapters::redis_litellm::{self, RedisLitellm};
use crate::act::adapters::webhook::Webhook;
use crate::act::courier::Courier;
use crate::act::receiver::{Kind, Receiver, Spec};
use crate::clock::Clock;
use crate::config::elements::secret::Secret;
use crate::config::valid::{Deliver, Socket, Target};
use crate::engine::EngineError;
use crate::incident::severity::Severity;
use crate::stats::seed::Seed;

/// The adapter of `deliver`.
pub(super) fn adapter(deliver: &Deliver, clock: &Clock) -> Result<Box<dyn Adapter>, EngineError> {
    Ok(match &deliver.target {
        Target::Webhook { address, token, sign } => {
            let spec = Spec {
                name: &deliver.name,
                kind: Kind::Webhook,
                url: address.expose(),
                token: token.as_ref().map(Secret::expose),
                sign: sign.as_ref().map(Secret::expose),
                at_least: Severity::P4,
                timeout: deliver.timeout,
                link: None,
            };
            let courier = Courier::new(clock.clone(), Seed::new(0).child("deliver")).map_err(EngineError::Client)?;
            Box::new(Webhook::new(courier, Receiver::new(&spec)?))
        }
        Target::RedisLitellm(redis) => {
            let spec = redis_litellm::Spec {
                host: &redis.host,
                port: redis.port,
                database: redis.database,
                user: redis.user.as_deref(),
                password: redis.password.as_ref().map(Secret::expose),
                prefix: redis.namespace.as_deref().unwrap_or_default(),
                lease_s: u32::try_from(redis.lease.as_secs()).unwrap_or(u32::MAX),
                timeout: deliver.timeout,
            };
            Box::new(RedisLitellm::new(&spec)?)
        }
        Target::Haproxy { socket, .. } => Box::new(Haproxy::new(match socket {
            Socket::Unix(path) => haproxy::Socket::Unix(path.clone()),
            Socket::Tcp(address) => haproxy::Socket::Tcp(address.clone()),
        })),
        Target::Nginx { file, test, reload, .. } => Box::new(Nginx::new(file.clone(), test.clone(), reload.clone())),
        Target::Manifest { file, backends, rule, apply, .. } => {
            Box::new(Manifest::new(file.clone(), backends.clone(), *rule, apply.clone()))
        }
    })
}
