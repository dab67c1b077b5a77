//! The shared structural queries: calls, imports, assignments, strings, functions, decorators.
