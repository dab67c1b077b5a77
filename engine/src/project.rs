//! What only shows across documents: stacks, facts, correlations.
