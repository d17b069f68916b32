"""Time and memory of one training step: residual with its derivatives, mean square, gradient of all weights.

    python -m benchmarks.derivatives [--rounds 9] [--threads 1] [--only WORK] [--peers] [--memory] [--save]

All methods are interleaved in one run and compared by CPU time, because machines are shared: read the ratios. Every
gradient is compared with nested autograd's first. With several threads the clock is the wall's. The floor is the matrix
products of the jet method alone, `3 k` products of (points × width × width) per hidden layer for k channels.
"""

import argparse
import os

ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--rounds", type=int, default=9)
ARGUMENTS.add_argument("--threads", type=int, default=1)
ARGUMENTS.add_argument("--only", metavar="WORK", help="works whose name contains this")
ARGUMENTS.add_argument("--peers", action="store_true", help="other libraries too, those that are installed")
ARGUMENTS.add_argument(
    "--memory", action="store_true", help="peak memory of pinr's engines too, each step in a process of its own"
)
ARGUMENTS.add_argument("--save", action="store_true", help="write table and plot to benchmarks/results/")
ARGUMENTS.add_argument("--memory-of", nargs=2, metavar=("WORK", "ENGINE"), help=argparse.SUPPRESS)


def main() -> None:
    options = ARGUMENTS.parse_args()
    # Read when torch and XLA are loaded.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(options.threads))
    if options.threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    import torch

    torch.set_num_threads(options.threads)
    if options.memory_of:
        from benchmarks.derivatives.memory import print_megabytes

        print_megabytes(*options.memory_of)
        return
    from benchmarks.derivatives.report import run

    run(options)


if __name__ == "__main__":
    main()
