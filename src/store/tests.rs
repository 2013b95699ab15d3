//! The store as a whole, on a disk that can crash and fail anywhere.

mod damage;
mod documents;
mod jobs;
mod model;
mod models;
pub(crate) mod world;
