//! A literal that the program writes into its own environment, under a secret's
//! name.

use crate::bound::Bound;
use crate::declared::environment_literal::*;
use wardline_plugin::prelude::*;

/// Reports the literal if it can be a secret.
pub fn check(found: &Match, report: &mut Report) {
    let Some(bound) = Bound::new(found, NAME, VALUE) else {
        return;
    };
    let Some(sure) = bound.sure() else { return };
    let message = format!(
        "`{}` is put into the environment from a literal: whoever reads the code has it, and so has every child process",
        bound.name.text()
    );
    bound.report(RULE, sure, message, report);
}
