"""Elementwise functions of jets in fused Triton kernels, for CUDA devices; matrix products stay torch's."""
