"""What deploy/ says, held against the product's own numbers and against programs."""
