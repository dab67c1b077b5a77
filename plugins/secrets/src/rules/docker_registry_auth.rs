//! A registry's credential in a configuration of Docker: base 64 of a name, a
//! colon and a password.

use crate::bound;
use crate::declared::docker_registry_auth::*;
use crate::encoding;
use crate::value;
use wardline_plugin::prelude::*;

/// Reports the credential if it decodes to one.
pub fn check(found: &Match, report: &mut Report) {
    let Some(data) = found.get(DATA) else { return };
    let document = found.document();
    if !document.text().contains("auths") {
        return;
    }
    let Some(decoded) = encoding::base64_text(data.text()) else { return };
    let Some((user, password)) = decoded.text.split_once(':') else { return };
    if user.is_empty() || value::is_stand_in(password) {
        return;
    }
    let what = format!(
        "this is the password of `{user}` at a container registry in base 64: it pulls private images, and usually pushes"
    );
    bound::tell(RULE, document, "auth", data.span(), value::Sure::Very, what, report);
}
