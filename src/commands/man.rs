//! `wardline man [COMMAND]`: manual pages.

use clap::Command;

/// The page of `command`, or of one of its own commands such as `plugin test`.
/// `None` if there is no such command.
pub(crate) fn page(mut command: Command, path: &[String]) -> Option<String> {
    // Names and usage lines of inner commands are put together here.
    command.build();
    let mut command = &command;
    for name in path {
        command = command.find_subcommand(name)?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).expect("writing to memory does not fail");
    Some(String::from_utf8_lossy(&page).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let test = Command::new("test").about("Runs the pages of a plugin");
        Command::new("wardline").about("Checks").subcommand(Command::new("plugin").subcommand(test))
    }

    fn check(path: &[&str], expected: &str) {
        let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
        let page = page(command(), &path).expect("the command exists");
        assert!(page.contains(expected), "{page}");
    }

    #[test]
    fn the_whole_and_each_command_have_a_page() {
        check(&[], "wardline \\- Checks");
        check(&["plugin", "test"], "Runs the pages of a plugin");
        check(&["plugin", "test"], ".TH wardline-plugin-test");
    }

    #[test]
    fn an_unknown_command_has_none() {
        assert_eq!(page(command(), &["no-such-command".to_owned()]), None);
    }
}
