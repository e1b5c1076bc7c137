//! Typed columns, selections and kernels.
