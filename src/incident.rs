//! L2: trouble, from its first sign to its end, told once.
//!
//! Everything here is pure: verdicts and commands in, changes out; `now` is an argument, there is no I/O and no clock.
//!
//! 1. A [`watch::Watch`] follows one channel. Minute by minute it hears the [`crate::anomaly::verdict::Verdict`] of each
//!    column and the [`severity::Harm`] done, opens an [`state::Incident`], keeps its evidence, raises and lowers its
//!    [`severity::Severity`], and closes it. Trouble and absence are followed apart.
//! 2. [`group::Groups`] hears the changes of all channels and joins what breaks together: a provider's outage is one
//!    group, whose members keep their evidence.
//! 3. [`knowledge::Knowledge`] is what operators wrote about a [`fingerprint::Fingerprint`]: cause and fix, offered again
//!    when it recurs, and found by words.
//!
//! Every change is a row of the table `incidents` ([`rows`]); the highest revision of an incident is how it stands.

pub mod change;
pub mod command;
pub mod evidence;
pub mod fingerprint;
pub mod group;
pub mod kind;
pub mod knowledge;
pub mod place;
pub mod rows;
pub mod rules;
pub mod severity;
pub mod state;
pub mod told;
pub mod watch;

mod level;
mod life;
mod past;
mod pulse;
