//! Decides which two expressions a comparison is about, be it an operator or a call.

use wardline_plugin::prelude::*;

/// Returns both sides of `$LEFT == $RIGHT`, `equal(left, right)` or
/// `left.equals(right)`.
pub fn sides<'d>(found: &Match<'d>) -> Option<(Node<'d>, Node<'d>)> {
    if let (Some(left), Some(right)) = (found.get(Capture("LEFT")), found.get(Capture("RIGHT"))) {
        return Some((left, right));
    }
    let first = found.argument(0)?;
    match (found.argument(1), found.get(Capture("receiver"))) {
        (Some(second), _) => Some((first, second)),
        (None, Some(receiver)) => Some((receiver, first)),
        (None, None) => None,
    }
}
