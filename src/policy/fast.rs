//! The fast lane: what single calls say of a channel, in the time of the calls.
//!
//! | module | one idea |
//! |---|---|
//! | [`lane`] | one channel, all of the below joined; start reading here |
//! | [`call`] | what the end of one call says |
//! | [`evidence`] | how much speaks for a fault |
//! | [`usual`] | what an ordinary day of the channel is like |
//! | `sense` | the two of them, for failing and for slow calls each |
//! | `breaker` | in, out, on probation, coming back, unknown |
//! | [`window`] | exact counts of the last minute |
//! | `stall` | calls that wait too long already |
//! | [`load`] | what one more call costs in time |
//! | [`setting`] | every constant, checked |
//!
//! A breaker is for what no mix of channels can wait for: a channel that is dead, fails every third call or hangs. What
//! is merely worse than usual (every tenth call fails, twice as slow) is told to the planner within the minute
//! ([`lane::Present`]), and shifts shares instead of shutting a door.
//!
//! # Figures
//! Generated calls at ten a second, 2 % of which fail, lognormal latencies of median 60 ms whose 99th percentile is the
//! limit; default settings; 300 to 500 seeds, 20 days for trips a day, 200 seeds for faults that last.
//! `lane::tests::figures` holds the code to them with fewer seeds.
//!
//! | calls until it trips | median | 90 % | worst |
//! |---|---|---|---|
//! | dead | 5 | 5 | 5 |
//! | 60 % failing | 10 | 15 | 28 |
//! | 30 % failing | 27 | 53 | 113 |
//! | 20 % failing | 61 | 156 | 421 |
//! | 10 % failing; 7 % of seeds not within ten minutes | 1,228 | 3,702 | - |
//! | 30 % failing where 5 % is usual | 33 | 67 | 162 |
//! | all throttled, without `Retry-After` | 10 | 10 | 10 |
//! | 25 times slower (1.5 s) | 5 | 5 | 7 |
//! | twice as slow, a third of calls beyond the limit; 92 % of seeds not within ten minutes | - | - | - |
//!
//! A channel that hangs, where beginnings are told, trips by rule (`stall`): when five calls have waited for a second, or for
//! twice the limit if that is more, and none has ended.
//!
//! | false trips a day | |
//! |---|---|
//! | 2 % failing | 0.05 |
//! | with 5 % for five minutes of each hour | 0.45 |
//! | with 5 % for a quarter of each hour | 1.3 |
//! | 5 % failing at all times | 1.5 |
//! | with 8 % for five minutes of each hour | 12 |
//! | latencies that wander together within minutes, 99th percentile at the limit | 0 |
//!
//! Of all rules with as few false trips none finds a fault much sooner: thirty per cent against five need about
//! `ln(calls between false trips) / 0.32` calls (Lorden, Annals of Mathematical Statistics 42, 1971).
//!
//! | a fault of ten minutes, a probe each five seconds on probation | calls that went wrong before each time out, in all | probes | seconds from its end until returning: median, 95 %, worst |
//! |---|---|---|---|
//! | dead | 5 | 23 | 26, 41, 70 |
//! | 30 % failing (200 seeds) | 13 | 58 | 76, 135, - |
//! | 25 times slower | 5 | 22 | 27, 44, 82 |
//! | all throttled | 10 | 43 | 18, 25, 38 |
//!
//! A channel that is dead for 30 of every 60 s costs 56 calls in 29 minutes (50 seeds). Where nobody listens and all calls go
//! on to a channel that fails 30 % of them for ten minutes, it is out for most of the time but comes back three times.
//!
//! With the longest time out at 60 s a dead channel costs 13 probes, and is back after 38, 72 and 127 s.

pub mod call;
pub mod evidence;
pub mod lane;
pub mod load;
pub mod setting;
pub mod usual;
pub mod window;

mod breaker;
mod sense;
mod stall;
