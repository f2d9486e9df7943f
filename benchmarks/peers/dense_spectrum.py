"""The Hessian of a ReLU network's loss and its eigenvalues in PyTorch, double."""
import torch

from dense_hessian import maker

VARIANTS = {"hessian and eigvalsh": maker(False, torch.float64, torch.linalg.eigvalsh)}
