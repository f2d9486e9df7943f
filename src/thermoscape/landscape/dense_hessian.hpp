#pragma once
#include <span>

#include "thermoscape/objective/hessian_term.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// A term of ∇²L at θ [P] on a batch, out [P, P], symmetric [loss / θ²].
/// For Mlp by its own kernels (about n P² flop for n examples); for any other objective as
/// dense_hessian_by_products. Throws Error for spans of the wrong size, and for G or R of an
/// objective without logits. One instance of an objective serves one thread: tasks in parallel use
/// a clone each. Reference: Martens, arXiv:1412.1193, section 8.
template <class Real>
void dense_hessian(Objective<Real>& objective,
                   std::span<const Real> theta,
                   const Batch& batch,
                   HessianTerm term,
                   std::span<Real> out);

/// The same for every objective by products with unit vectors, in blocks of at most 2^22 numbers,
/// the mean with the transpose taken: P Hessian products for the full matrix, P products with J and
/// with Jᵀ for G, all of them for R. What the kernels of Mlp are tested against.
template <class Real>
void dense_hessian_by_products(Objective<Real>& objective,
                               std::span<const Real> theta,
                               const Batch& batch,
                               HessianTerm term,
                               std::span<Real> out);

}  // namespace thermoscape
