//! What every message has.

use super::{request, response};
use crate::wire::message_type::Member;

/// What is left over of a message.
pub(in crate::wire) static ANYWHERE: &[Member] = &[
    Member::Shared(request::ANYWHERE),
    Member::Shared(response::ANYWHERE),
];
