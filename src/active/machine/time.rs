//! The time of machines.

use std::time::Duration;

/// Time since the session began. Machines never look at a clock.
pub type Time = Duration;
