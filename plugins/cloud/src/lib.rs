//! Cloud resources that stand open, and code that reaches them.

wardline_plugin::plugin! {}
