//! Writes the constants of what this plugin declares.

fn main() {
    wardline_plugin::build::generate();
}
