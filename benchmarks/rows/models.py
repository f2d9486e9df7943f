"""Hessian products of networks that LibTorch differentiates: row 3.hessian-product."""
from harness import ms, row

EXAMPLES, BLOCK = 256, 8


def hessian_product(bench):
    ours, fastest, medians = bench.against(
        "lenet-products", {"examples": EXAMPLES, "block": BLOCK}, "lenet_products", [EXAMPLES], rounds=5)
    kept = bench.ours.ask(measure="lenet-products", seconds=0.1, examples=EXAMPLES, block=BLOCK)["kept"]
    ratio = ours / medians[fastest]
    return row("3.hessian-product", ratio, "of a fresh-graph product in PyTorch", "<= 0.55", ratio <= 0.55,
               f"LeNet, {EXAMPLES} examples of CIFAR-10's shape, float, one thread: {ms(ours)} a product in a block of "
               f"{BLOCK}, {ms(kept)} with the graph at hand; PyTorch: "
               + ", ".join(f"{name} {ms(value)}" for name, value in medians.items()))


ROWS = {"3.hessian-product": hessian_product}
