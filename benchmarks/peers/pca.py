"""scikit-learn's full PCA of raw doubles in a file; the variances (divided by n) go to FILE.variances."""
import numpy as np
from sklearn.decomposition import PCA


def sklearn_full(path, columns):
    data = np.fromfile(path).reshape(-1, columns)

    def run(times):
        for _ in range(times):
            pca = PCA(svd_solver="full").fit(data)
        scale = (len(data) - 1) / len(data)
        with open(path + ".variances", "w", encoding="ascii") as file:
            file.writelines(f"{value * scale:.17g}\n" for value in pca.explained_variance_)

    return run


VARIANTS = {"sklearn PCA, full SVD": sklearn_full}
