//! The fast lane: what single calls say of a channel, in the time of the calls.
