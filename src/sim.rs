//! Simulated worlds: channels that behave like real ones, served over real HTTP, and the traffic that calls them.
//!
//! | part | what it is |
//! |---|---|
//! | [`world`] | pure: how each channel answers, as a function of seed, channel, request, load and time of day |
//! | [`demand`] | pure: which calls arrive when |
//! | [`endpoint`] | the world behind an OpenAI-compatible HTTP endpoint on loopback |
//! | [`stage`] | a world that runs, and what goes wrong in it by now |
//! | [`switchboard`] | faults by hand, and the workshop that ends them, over HTTP on loopback |
//! | [`traffic`] | a client that makes the calls and measures them as any client would |
//! | [`jobs`] | pure: jobs for models, and how they end |
//! | [`jobber`] | does the jobs, and tells a collector's `POST /v1/work` of them |
//! | [`replay`] | pure: routers side by side in one simulated world, faster than time |
//! | [`scenario`] | pure: replays as readable text, with what is expected of them |
//! | [`obey`] | follows the decisions about where calls should go, as an orchestrator would |
//! | [`report`] | hands what the client measured to a collector's `POST /v1/calls` |
//!
//! What is real and what is not: connections, bytes, waiting and measuring are real; the thinking of a model is
//! replaced by a wait of the length that measured profiles give for that many tokens.

pub mod demand;
pub mod endpoint;
pub mod jobber;
pub mod jobs;
mod loopback;
pub mod obey;
pub mod past;
pub mod replay;
pub mod report;
pub mod scenario;
pub mod stage;
pub mod switchboard;
pub mod traffic;
pub mod world;
