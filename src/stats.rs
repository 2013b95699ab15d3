//! L0: numeric kernels on plain values. No I/O, no clock; randomness only from named seeds.

pub mod beta_binomial;
pub mod boost;
pub mod cholesky;
pub mod ddsketch;
pub mod fft;
pub mod least_squares;
pub mod normal;
pub mod optimise;
pub mod pareto;
pub mod quantile;
pub mod robust;
pub mod seed;
pub mod simplex;
pub mod varint;
pub mod window;
