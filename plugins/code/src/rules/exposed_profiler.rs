//! Go's profiler on the server that serves everyone.

use crate::declared::exposed_profiler::*;
use crate::setting;
use wardline_plugin::prelude::*;

/// Judges an import of the profiler.
pub fn check(found: &Match, report: &mut Report) {
    let serves_default_mux = found.document().text().lines().any(|line| {
        let Some((_, arguments)) = line.split_once("http.ListenAndServe") else { return false };
        let code = line.split("//").next().unwrap_or("");
        let is_local = ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| arguments.contains(host));
        code.contains("ListenAndServe") && arguments.replace(' ', "").contains(",nil)") && !is_local
    });
    if serves_default_mux {
        report
            .finding(RULE, found.span())
            .message("`/debug/pprof` is served to everyone, together with the default mux")
            .class(setting::class(found));
    }
}
