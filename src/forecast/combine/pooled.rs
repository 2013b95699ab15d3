//! A combination as a model of its own.

use crate::forecast::combine::Rule;
use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::saved::Saved;

/// Horizons asked for at a time without taking memory: more than a tracker follows.
const AT_ONCE: usize = 32;

/// Several models and a rule that joins their paths.
#[derive(Debug)]
pub struct Combination {
    name: String,
    parts: Vec<Box<dyn Fit>>,
    rule: Rule,
}

/// A fitted [`Combination`].
#[derive(Debug)]
pub struct Combined {
    parts: Vec<Box<dyn Predict>>,
    rule: Rule,
}

impl Combination {
    /// The combination of `parts` by `rule`, called `name`.
    ///
    /// # Errors
    /// If there is no part, or a weighted rule has another number of weights, a negative weight or none above zero.
    pub fn new(name: &str, parts: Vec<Box<dyn Fit>>, rule: Rule) -> Result<Self, ParameterError> {
        if parts.is_empty() {
            return Err(ParameterError { parameter: "parts", needed: "at least one model", found: "none".to_owned() });
        }
        if let Rule::Weighted(weights) = &rule {
            let valid = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
            if !valid || weights.len() != parts.len() || weights.iter().sum::<f64>() <= 0.0 {
                let needed = "one weight of at least zero for each model, one above zero";
                return Err(ParameterError { parameter: "weights", needed, found: format!("{weights:?}") });
            }
        }
        Ok(Self { name: name.to_owned(), parts, rule })
    }
}

impl Fit for Combination {
    fn name(&self) -> String {
        self.name.clone()
    }

    /// That of the part which is content with least: parts that cannot be fitted are left out.
    fn minimum(&self) -> usize {
        self.parts.iter().map(|part| part.minimum()).min().unwrap_or(0)
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        let mut first_error = None;
        let mut kept = Vec::new();
        let mut parts = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            match part.fit(history) {
                Ok(fitted) => {
                    kept.push(at);
                    parts.push(fitted);
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        let mut rule = self.rule.only(&kept);
        // The parts with a say may all have been left out.
        if matches!(&rule, Rule::Weighted(weights) if weights.iter().sum::<f64>() <= 0.0) {
            rule = Rule::Median;
        }
        match first_error {
            Some(error) if parts.is_empty() => Err(error),
            _ => Ok(Box::new(Combined { parts, rule })),
        }
    }
}

impl Combined {
    /// The combination that was saved as its parts.
    #[must_use]
    pub fn restored(parts: Vec<Box<dyn Predict>>, rule: Rule) -> Self {
        Self { parts, rule }
    }

    /// Joins in `joined` what `ask` makes each part write; `room` is as [`Rule::room`] says.
    fn join(&self, room: &mut [f64], joined: &mut [f64], ask: impl Fn(&dyn Predict, &mut [f64])) {
        let steps = joined.len();
        if let Rule::Weighted(weights) = &self.rule {
            joined.fill(0.0);
            for (part, weight) in self.parts.iter().zip(weights) {
                ask(part.as_ref(), room);
                joined.iter_mut().zip(&*room).for_each(|(sum, value)| *sum += value * weight);
            }
            let total: f64 = weights.iter().sum();
            for sum in joined {
                *sum /= total;
            }
            return;
        }
        for (part, path) in self.parts.iter().zip(room.chunks_mut(steps.max(1))) {
            ask(part.as_ref(), path);
        }
        let mut values = vec![0.0; self.parts.len()];
        for (step, joined) in joined.iter_mut().enumerate() {
            for (value, path) in values.iter_mut().zip(room.chunks(steps)) {
                *value = path[step];
            }
            *joined = self.rule.join(&mut values);
        }
    }
}

impl Predict for Combined {
    fn update(&mut self, news: Observation) {
        for part in &mut self.parts {
            part.update(news);
        }
    }

    fn predict(&self, path: &mut [f64]) {
        let mut room = vec![0.0; path.len() * self.rule.room(self.parts.len())];
        self.join(&mut room, path, |part, path| part.predict(path));
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        let parts = self.rule.room(self.parts.len());
        if parts > 1 {
            let mut room = vec![0.0; horizons.len() * parts];
            return self.join(&mut room, values, |part, values| part.predict_at(horizons, values));
        }
        for (horizons, values) in horizons.chunks(AT_ONCE).zip(values.chunks_mut(AT_ONCE)) {
            let mut room = [0.0; AT_ONCE];
            self.join(&mut room[..horizons.len()], values, |part, values| part.predict_at(horizons, values));
        }
    }

    fn save(&self) -> Saved {
        Saved::Combined { parts: self.parts.iter().map(|part| part.save()).collect(), rule: self.rule.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::naive::NaiveModel;
    use crate::forecast::scale::{Domain, OnScale};

    fn naive() -> Box<dyn Fit> {
        Box::new(NaiveModel)
    }

    #[test]
    fn weights_and_medians_join_paths() {
        let weighted = Rule::Weighted(vec![1.0, 3.0]);
        assert!((weighted.join(&mut [0.0, 4.0]) - 3.0).abs() < 1e-12);
        assert!((Rule::Median.join(&mut [9.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert!((Rule::Median.join(&mut [4.0, 1.0]) - 2.5).abs() < 1e-12);
        assert!(Combination::new("c", vec![naive()], Rule::Weighted(vec![0.0])).is_err());
        assert!(Combination::new("c", Vec::new(), Rule::Median).is_err());
    }

    #[test]
    fn a_combination_is_a_model_and_survives_saving() {
        let parts = vec![naive(), Box::new(OnScale::new(naive(), Some(Domain::Count))) as Box<dyn Fit>];
        let model = Combination::new("both", parts, Rule::Median).expect("valid");
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        let mut fitted = model.fit(&History::new(grid, &[1.0, 2.0])).expect("long enough");
        fitted.update(Observation::of(7.0));
        let (mut path, mut again) = ([0.0; 2], [0.0; 2]);
        fitted.predict(&mut path);
        fitted.save().restore().predict(&mut again);
        assert!((path[0] - 7.0).abs() < 1e-9);
        assert_eq!(path.map(f64::to_bits), again.map(f64::to_bits));
        fitted.predict(&mut []);
    }
}
