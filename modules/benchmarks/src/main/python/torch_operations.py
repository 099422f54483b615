#!/usr/bin/env python3
"""Times the operations of a training step in PyTorch on the CPU, forward and backward, beside those of OperationTable.

Debian: apt-get install python3-torch libopenblas0-openmp, then

    LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/openblas-openmp OPENBLAS_CORETYPE=SkylakeX \\
        /usr/bin/python3 modules/benchmarks/src/main/python/torch_operations.py [PART OF A NAME]

which is PyTorch at its best where the processor has AVX-512: OpenBLAS with OpenMP and its AVX-512 kernels. A line for each operation: the
least milliseconds of several calls. Attention is the composition of PyTorch 1.13, which has no fused one: two products and a softmax
with a mask, over all pairs of positions.
"""
import math
import os
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(os.cpu_count())

ROWS, HIDDEN, FFN, VOCABULARY = 2048, 384, 1024, 4096
PARAMETERS = 13_800_000


def least(operation, seconds=1.5):
    operation()
    best, until = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.perf_counter()
        operation()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def product(rows, inner, columns):
    x, weight, y = torch.randn(rows, inner), torch.randn(columns, inner), torch.randn(rows, columns)
    name = f"product {rows}x{inner}x{columns}"
    yield name, lambda: x @ weight.t()
    yield name + " dX", lambda: y @ weight
    yield name + " dW", lambda: y.t() @ x


def attention(batch, time_steps, heads, head_dim):
    q, k, v = (torch.randn(batch, heads, time_steps, head_dim, requires_grad=True) for _ in range(3))
    mask = torch.triu(torch.full((time_steps, time_steps), float("-inf")), 1)
    gradient = torch.randn(batch, heads, time_steps, head_dim)

    def forward():
        return torch.softmax(q @ k.transpose(-1, -2) * head_dim**-0.5 + mask, -1) @ v

    def both():
        torch.autograd.grad(forward(), (q, k, v), gradient)

    name = f"attention {batch}x{time_steps}x{heads}x{head_dim}"
    yield name + " forward", lambda: forward()
    yield name + " forward and backward", both


def rows():
    x = torch.randn(ROWS, HIDDEN)
    weight = torch.ones(HIDDEN)
    yield "RMSNorm", lambda: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * weight
    logits, values = torch.randn(ROWS, HIDDEN), torch.randn(ROWS, HIDDEN)
    yield "sigmoid gate", lambda: values * torch.sigmoid(logits)
    gate, up = torch.randn(ROWS, FFN), torch.randn(ROWS, FFN)
    yield "SwiGLU", lambda: F.silu(gate) * up


def loss():
    hidden = torch.randn(ROWS, HIDDEN, requires_grad=True)
    weight = torch.randn(VOCABULARY, HIDDEN, requires_grad=True)
    targets = torch.randint(0, VOCABULARY, (ROWS,))

    def both():
        torch.autograd.grad(F.cross_entropy(hidden @ weight.t(), targets), (hidden, weight))

    yield "loss and gradient", both


def parameters():
    weight = torch.nn.Parameter(torch.randn(PARAMETERS))
    weight.grad = torch.randn(PARAMETERS)
    optimizer = torch.optim.AdamW([weight], lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1)
    yield "AdamW", optimizer.step


def operations():
    for shape in ((ROWS, HIDDEN, HIDDEN), (ROWS, HIDDEN, FFN), (ROWS, FFN, HIDDEN), (ROWS, HIDDEN, VOCABULARY)):
        yield from product(*shape)
    for shape in ((8, 256, 6, 64), (4, 512, 6, 64), (4, 512, 6, 128), (1, 4096, 6, 64), (1, 4096, 6, 128)):
        yield from attention(*shape)
    yield from rows()
    yield from loss()
    yield from parameters()


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    torch.manual_seed(0)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    for name, operation in operations():
        if wanted in name:
            print(f"{name:48s} {least(operation):9.3f} ms", flush=True)


main()
