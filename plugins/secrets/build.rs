//! Reads the plugin's declaration; see `wardline_plugin::build`.

fn main() {
    wardline_plugin::build::generate();
}
