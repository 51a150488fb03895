//! The process that stays: slots, the socket for the command line, health and metrics.

pub mod control;
