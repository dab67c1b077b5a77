//! A plugin that misbehaves as the document asks, for tests of the host.

wardline_plugin::plugin! {}
