//! ARIMA: a series, differenced until it wanders no more, as a regression on its own past values and past surprises,
//! optionally with seasonal terms (Box and Jenkins 1970).
//!
//! Parameters minimise the conditional sum of squares (the first p + mP surprises count as zero), as R's `arima` does
//! with `method = "CSS"`, from the start of Hannan and Rissanen (1982) by the simplex method. The exact likelihood by
//! a Kalman filter was not taken: over the hundreds of steps that minute data give, both agree to the second decimal
//! of a coefficient, and the filter costs ten times as much. Stationarity and invertibility hold by construction:
//! the search moves partial autocorrelations in (-1, 1) (Jones 1980).
//!
//! [`ArimaModel`] has a given order; [`AutoArimaModel`] finds it: differences by the KPSS test and by seasonal strength,
//! then the stepwise search of Hyndman and Khandakar (2008) by AICc. Both look at the last [`WINDOW`] steps.
//!
//! A gap has its expected value as value and zero as surprise. A constant series is repeated; a value however large
//! moves the state by at most 1e9 standard deviations, so that paths stay finite. Minimum: see [`Order::minimum`].

mod css;
mod fitted;
mod hannan_rissanen;
mod order;
mod polynomial;
mod search;

use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, Predict};

pub use fitted::Arima;
pub use order::{Order, Seasonal};
pub use search::AutoArimaModel;

/// Only so many steps at the end of a history are fitted to: nearly three days of minutes. More of them changes a
/// handful of coefficients by less than the series itself changes.
pub const WINDOW: usize = 4_096;

/// ARIMA of a given order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArimaModel {
    order: Order,
}

impl ArimaModel {
    /// A model of `order`, which has been checked.
    #[must_use]
    pub const fn new(order: Order) -> Self {
        Self { order }
    }

    /// Learns from `history`.
    ///
    /// # Errors
    /// If there are fewer observed steps than [`Order::minimum`] in the last [`WINDOW`].
    pub fn estimate(&self, history: &History<'_>) -> Result<Arima, FitError> {
        let history = history.tail(WINDOW);
        FitError::unless_enough("arima", self.order.minimum(), &history)?;
        Ok(Arima::estimate(self.order, &history))
    }
}

impl Fit for ArimaModel {
    fn name(&self) -> String {
        self.order.to_string()
    }

    fn minimum(&self) -> usize {
        self.order.minimum()
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Ok(Box::new(self.estimate(history)?))
    }
}

#[cfg(test)]
mod tests;
