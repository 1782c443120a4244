//! CUDA sources of the kernels, as text: `purify-ops` compiles them at run time.
