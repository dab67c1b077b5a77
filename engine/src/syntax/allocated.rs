//! How much memory parsing asks for, counted on each thread.
//!
//! It is the one measure of a parser's work that is the same on every machine:
//! texts that are built to be slow make it copy what it has read over and over.

#![allow(unsafe_code)]

use libc::{c_void, size_t};
use std::cell::Cell;
use std::sync::Once;

thread_local! {
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Bytes that parsers on this thread have asked for so far, in sum.
pub(super) fn bytes() -> usize {
    BYTES.get()
}

/// Counts from now on. Before any parser is made.
pub(super) fn count() {
    static INSTALLED: Once = Once::new();
    // SAFETY: these are the C library's own functions, as before, with a sum
    // kept beside them; what was allocated by the one can be freed by the other.
    INSTALLED.call_once(|| unsafe {
        tree_sitter::set_allocator(Some(tree_sitter::Allocator {
            malloc,
            calloc,
            realloc,
            free: libc::free,
        }));
    });
}

fn add(bytes: size_t) {
    BYTES.set(BYTES.get().wrapping_add(bytes));
}

unsafe extern "C" fn malloc(size: size_t) -> *mut c_void {
    add(size);
    // SAFETY: as the caller's.
    found(unsafe { libc::malloc(size) }, size)
}

unsafe extern "C" fn calloc(count: size_t, size: size_t) -> *mut c_void {
    add(count.saturating_mul(size));
    // SAFETY: as the caller's.
    found(unsafe { libc::calloc(count, size) }, count.min(size))
}

unsafe extern "C" fn realloc(old: *mut c_void, size: size_t) -> *mut c_void {
    add(size);
    // SAFETY: as the caller's.
    found(unsafe { libc::realloc(old, size) }, size)
}

/// The parser does not look whether it got what it asked for.
fn found(memory: *mut c_void, size: size_t) -> *mut c_void {
    if memory.is_null() && size > 0 {
        std::process::abort();
    }
    memory
}
