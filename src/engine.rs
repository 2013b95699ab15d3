//! Wires everything: owns the accumulator and the log while the program runs.

pub mod import;
