//! Collects problems while raw settings are turned into valid ones.

use std::fmt::Display;

use super::document::{Document, Path, Point};
use super::elements::secret::{Secret, SecretRef};
use super::load::in_order;
use super::problem::Problem;

/// Reads the value a secret reference names, or says why it cannot.
pub type SecretReader<'a> = dyn Fn(&SecretRef) -> Result<String, String> + 'a;

/// Where checks put what they find. A check goes on after a problem, so that all are told at once.
pub(super) struct Checker<'a> {
    document: &'a Document<'a>,
    read_secret: &'a SecretReader<'a>,
    problems: Vec<Problem>,
    missing_secrets: Vec<Problem>,
}

impl<'a> Checker<'a> {
    pub(super) const fn new(document: &'a Document<'a>, read_secret: &'a SecretReader<'a>) -> Self {
        Self { document, read_secret, problems: Vec::new(), missing_secrets: Vec::new() }
    }

    /// Records that the value at `path` is wrong.
    pub(super) fn fail(&mut self, path: &Path, message: impl Display) {
        self.problems.push(self.document.problem(path, Point::Value, message.to_string()));
    }

    /// The value of a check, or its problem recorded.
    pub(super) fn take<T>(&mut self, path: &Path, checked: Result<T, impl Display>) -> Option<T> {
        checked.map_err(|problem| self.fail(path, problem)).ok()
    }

    /// The value of a check of a key that has a default: `fallback` stands in so that later checks can go on.
    pub(super) fn take_or<T>(&mut self, path: &Path, checked: Result<T, impl Display>, fallback: T) -> T {
        self.take(path, checked).unwrap_or(fallback)
    }

    /// The secret that `reference` names. One that cannot be read is recorded and stands in as empty.
    pub(super) fn secret(&mut self, path: &Path, reference: &SecretRef) -> Secret {
        let value = (self.read_secret)(reference).unwrap_or_else(|problem| {
            self.missing_secrets.push(self.document.problem(path, Point::Value, problem));
            String::new()
        });
        Secret::new(reference.clone(), value)
    }

    /// `value` with the secrets that could not be read, if nothing is wrong.
    pub(super) fn finish<T>(self, value: T) -> Result<(T, Vec<Problem>), Vec<Problem>> {
        if self.problems.is_empty() {
            Ok((value, in_order(self.missing_secrets)))
        } else {
            Err(in_order(self.problems))
        }
    }
}
