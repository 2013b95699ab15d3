//! One amount of memory shared by all bodies that are being worked on.
//!
//! A limit per body alone would let many callers together take any amount. Asking is cheap and never waits: who
//! would have to wait is told to come back instead, so a flood cannot pile up inside.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::error::ApiError;

/// Memory is counted in pieces of this many bytes.
const UNIT: usize = 1 << 10;

/// The memory there is.
#[derive(Debug, Clone)]
pub struct Budget {
    units: Arc<Semaphore>,
}

impl Budget {
    /// A budget of `bytes`.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self { units: Arc::new(Semaphore::new(bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS))) }
    }

    /// Takes `bytes` until the reservation is dropped.
    ///
    /// # Errors
    /// [`ApiError::Busy`] if so much is not free.
    pub fn reserve(&self, bytes: usize) -> Result<Reservation, ApiError> {
        Ok(Reservation { budget: self.clone(), units: self.take(bytes.div_ceil(UNIT))? })
    }

    fn take(&self, units: usize) -> Result<OwnedSemaphorePermit, ApiError> {
        let busy = ApiError::Busy { why: "the memory for request bodies is in use", retry_after_s: 1 };
        let Ok(units) = u32::try_from(units) else { return Err(busy) };
        Arc::clone(&self.units).try_acquire_many_owned(units).map_err(|_| busy)
    }
}

/// Memory taken from a budget; dropping it gives it back.
#[derive(Debug)]
pub struct Reservation {
    budget: Budget,
    units: OwnedSemaphorePermit,
}

impl Reservation {
    /// Bytes held, in whole units.
    #[must_use]
    pub fn held(&self) -> usize {
        self.units.num_permits() * UNIT
    }

    /// Holds at least `bytes` from now on.
    ///
    /// # Errors
    /// [`ApiError::Busy`] if so much is not free; what is held stays held.
    pub fn grow_to(&mut self, bytes: usize) -> Result<(), ApiError> {
        let missing = bytes.div_ceil(UNIT).saturating_sub(self.units.num_permits());
        if missing > 0 {
            self.units.merge(self.budget.take(missing)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_takes_the_difference_and_dropping_gives_all_back() {
        let budget = Budget::new(10 * UNIT);
        let mut first = budget.reserve(4 * UNIT).expect("free");
        first.grow_to(6 * UNIT).expect("free");
        first.grow_to(3 * UNIT).expect("already held");
        assert_eq!(first.held(), 6 * UNIT);
        assert!(budget.reserve(5 * UNIT).is_err());
        assert!(first.grow_to(11 * UNIT).is_err());
        drop(first);
        assert!(budget.reserve(10 * UNIT).is_ok());
    }
}
