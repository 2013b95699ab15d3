//! Decision notes: what was decided, why, and where it ends. Known gaps and accepted deviations are listed in
//! [`gaps`]. Guides for people who run it: [`tutorial`] and [`operating`].

#[doc = include_str!("docs/tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("docs/operating.md")]
pub mod operating {}

#[doc = include_str!("docs/exactly-once.md")]
pub mod exactly_once {}

#[doc = include_str!("docs/minutes.md")]
pub mod minutes {}

#[doc = include_str!("docs/forecasting.md")]
pub mod forecasting {}

#[doc = include_str!("docs/detection.md")]
pub mod detection {}

#[doc = include_str!("docs/deciding.md")]
pub mod deciding {}

#[doc = include_str!("docs/delivering.md")]
pub mod delivering {}

#[doc = include_str!("docs/healing.md")]
pub mod healing {}

#[doc = include_str!("docs/work.md")]
pub mod work {}

#[doc = include_str!("docs/dashboard.md")]
pub mod dashboard {}

#[doc = include_str!("docs/chat.md")]
pub mod chat {}

#[doc = include_str!("docs/replay.md")]
pub mod replay {}

#[doc = include_str!("docs/reports.md")]
pub mod reports {}

#[doc = include_str!("docs/gaps.md")]
pub mod gaps {}
