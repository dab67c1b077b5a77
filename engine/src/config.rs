//! Configuration: `wardline.toml` and its layers.
