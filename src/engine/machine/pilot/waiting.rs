//! Changes that wait for people, and what people say.

use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::{Decided, Mode, Pilot, Route, RouteBook};
use crate::policy::authority::proposal::{Approval, ApprovalError, Proposal};
use crate::policy::decision::Decision;

/// What came of a yes.
#[derive(Debug, Clone, PartialEq)]
pub enum Approved {
    /// Another person must say yes as well.
    Waits(Proposal),
    /// It is decided.
    Decided(Decided),
}

impl Pilot {
    /// What may be done about `route`: what people said last, else what is configured.
    #[must_use]
    pub fn mode(&self, route: &Route) -> Mode {
        self.modes.get(&route.class.name).copied().unwrap_or(route.mode)
    }

    /// Has people's word, `mode`, stand above what is configured for `class`; `None` takes it back. What waited for approval
    /// is dropped.
    pub fn set_mode(&mut self, class: &str, mode: Option<Mode>) {
        match mode {
            Some(mode) => self.modes.insert(class.to_owned(), mode),
            None => self.modes.remove(class),
        };
        if let Some(course) = self.courses.get_mut(class) {
            course.waiting = None;
        }
    }

    /// The change of `class` that waits for people.
    #[must_use]
    pub fn waiting(&self, class: &str) -> Option<&Proposal> {
        self.courses.get(class)?.waiting.as_ref()
    }

    /// Counts a person's yes to the proposal `id` of `class`.
    ///
    /// # Errors
    /// [`ApprovalError`]; then nothing is decided.
    pub fn approve(
        &mut self,
        book: &RouteBook,
        class: &str,
        id: &str,
        approval: Approval,
    ) -> Result<Approved, ApprovalError> {
        let route = book.routes.iter().find(|route| route.class.name == class).ok_or(ApprovalError::Unknown)?;
        let now = approval.at;
        let input = self.input(book, route, now);
        let course = self.courses.get_mut(class).ok_or(ApprovalError::Unknown)?;
        let waiting = course.waiting.as_mut().filter(|waiting| waiting.id() == id).ok_or(ApprovalError::Unknown)?;
        if !waiting.approve(approval)? {
            return Ok(Approved::Waits(waiting.clone()));
        }
        let proposed = waiting.decision.clone();
        let before = course.steering.current().map(|decision| decision.plan.clone());
        course.waiting = None;
        match course.steering.accept(&book.planner, &input, &proposed) {
            Ok(decision) => Ok(Approved::Decided(course.adopt(before.as_ref(), decision))),
            Err(fault) => Err(ApprovalError::Unsound(fault.to_string())),
        }
    }

    /// Drops the proposal `id` of `class`; what would be the same change is not proposed again within an hour.
    ///
    /// # Errors
    /// [`ApprovalError::Unknown`] if there is none of that name.
    pub fn reject(&mut self, class: &str, id: &str, now: Timestamp) -> Result<Proposal, ApprovalError> {
        let course = self.courses.get_mut(class).ok_or(ApprovalError::Unknown)?;
        let proposal = course.waiting.take_if(|waiting| waiting.id() == id).ok_or(ApprovalError::Unknown)?;
        course.rejected = Some((now, proposal.clone()));
        Ok(proposal)
    }

    /// Plans `route` where changes wait for people.
    pub(super) fn propose(&mut self, book: &RouteBook, route: &Route, now: Timestamp) -> Option<Decided> {
        let input = self.input(book, route, now);
        let course = self.courses.entry(route.class.name.clone()).or_default();
        let before = course.steering.current().map(|decision| decision.plan.clone());
        let (renewed, change) = course.steering.propose(&book.planner, &input);
        course.hold(book, route, now, change);
        renewed.map(|decision| course.adopt(before.as_ref(), decision))
    }
}

/// Seconds for which a change that was rejected is not proposed again.
const REJECTED_S: f64 = 3_600.0;

impl super::course::Course {
    /// Has `change` wait for people, in place of what waited before.
    fn hold(&mut self, book: &RouteBook, route: &Route, now: Timestamp, change: Option<Decision>) {
        let Some(decision) = change else {
            // A lease that is renewed in between is no reason to forget what was proposed a moment ago.
            self.waiting = self.waiting.take().filter(|waiting| now < waiting.decision.expires);
            return;
        };
        let is_known = |proposal: &Proposal| proposal.is_same(&decision);
        let was_rejected =
            |(at, proposal): &(Timestamp, Proposal)| now.seconds_since(*at) < REJECTED_S && is_known(proposal);
        if self.rejected.as_ref().is_some_and(was_rejected) {
            return;
        }
        match &mut self.waiting {
            Some(waiting) if is_known(waiting) && now < waiting.expires => waiting.decision = decision,
            _ => {
                let micros = book.approve_within_s * 1e6;
                #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
                let expires = now.plus_micros(micros as i64);
                let needed = route.approvals.max(1);
                self.waiting = Some(Proposal { decision, since: now, expires, needed, approvals: Vec::new() });
            }
        }
    }
}
