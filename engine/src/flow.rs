//! Data flow from declared sources to declared sinks.
