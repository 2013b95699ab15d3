//! Posts each decision as JSON, signed as notices are ([`crate::act::sign`]).
//!
//! The body is what `GET /v1/routes/{class}/decision` answers. A request may arrive more than once, with the same
//! `idempotency-key`; a receiver ignores generations below the highest one it has seen of a class, and goes back to its own
//! ways after `valid_until`. `integrations/webhook` shows how in two languages.

use std::time::Duration;

use async_trait::async_trait;

use crate::act::adapters::{Adapter, AdapterError, Pool};
use crate::act::courier::Courier;
use crate::act::receiver::{Message, Receiver};
use crate::domain::time::Timestamp;

/// Posts decisions to one address.
#[derive(Debug)]
pub struct Webhook {
    courier: Courier,
    receiver: Receiver,
}

impl Webhook {
    /// Posts to `receiver`.
    #[must_use]
    pub const fn new(courier: Courier, receiver: Receiver) -> Self {
        Self { courier, receiver }
    }
}

#[async_trait]
impl Adapter for Webhook {
    async fn apply(&mut self, pools: &[Pool], _now: Timestamp) -> Result<(), AdapterError> {
        for pool in pools {
            let message = Message { id: pool.key(), body: pool.json.to_vec() };
            self.courier.attempt(&self.receiver, &message).await.map_err(|setback| AdapterError::Request {
                error: setback.error,
                may_help: setback.may_help,
                asked_s: setback.asked_s,
            })?;
        }
        Ok(())
    }

    fn again_after(&self) -> Option<Duration> {
        None
    }
}
