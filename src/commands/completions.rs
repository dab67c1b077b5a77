//! `wardline completions SHELL`: the script that a shell loads.

use clap::Command;
use clap_complete::Shell;

/// The script that completes `command` in `shell`.
pub(crate) fn script(mut command: Command, shell: Shell) -> String {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_shell_gets_a_script_that_names_the_commands() {
        for shell in Shell::value_variants() {
            let command = Command::new("wardline").subcommand(Command::new("explain"));
            let script = script(command, *shell);
            assert!(script.contains("wardline") && script.contains("explain"), "{shell}");
        }
    }
}
