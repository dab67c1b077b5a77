//! Answers as the plugin does, natively: `wardline plugin test` compares both.

fn main() {
    wardline_repository::serve();
}
