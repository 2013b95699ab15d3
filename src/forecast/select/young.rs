//! A model for histories that are short yet.

use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, Predict};

/// A model that is fitted to at most so many observed steps.
#[derive(Debug)]
pub(super) struct Young<M> {
    pub model: M,
    pub most: usize,
}

impl<M: Fit> Fit for Young<M> {
    fn name(&self) -> String {
        self.model.name()
    }

    fn minimum(&self) -> usize {
        self.model.minimum()
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        if history.observed() > self.most {
            let needed = format!("at most {} observed steps to be of use here", self.most);
            return Err(FitError::Domain { model: self.name(), needed });
        }
        self.model.fit(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::naive::NaiveModel;

    #[test]
    fn it_is_out_of_the_running_once_enough_is_known() {
        let young = Young { model: NaiveModel, most: 2 };
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        assert!(young.fit(&History::new(grid, &[1.0, f64::NAN, 2.0])).is_ok());
        let refused = young.fit(&History::new(grid, &[1.0, 3.0, 2.0])).expect_err("three are too many");
        assert_eq!(refused.to_string(), "naive needs at most 2 observed steps to be of use here");
    }
}
