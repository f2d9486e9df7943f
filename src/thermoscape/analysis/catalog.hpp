#pragma once
// The analyses by name: including this one header gives them all.
#include "thermoscape/analysis/ageing.hpp"              // statistics against s = T·t, plateau
#include "thermoscape/analysis/autocorrelation.hpp"     // χ(t), τ½, integrated time
#include "thermoscape/analysis/blocking.hpp"            // mean of a correlated series
#include "thermoscape/analysis/chain_health.hpp"        // drift, spikes, R-hat, verdict
#include "thermoscape/analysis/combine.hpp"             // replicas and minima
#include "thermoscape/analysis/contour.hpp"             // level curves
#include "thermoscape/analysis/displacement.hpp"        // mean square displacement, exponents
#include "thermoscape/analysis/effective_examples.hpp"  // φ
#include "thermoscape/analysis/envelope.hpp"            // a long curve in few points
#include "thermoscape/analysis/equipartition.hpp"       // N_c three ways, heat capacity
#include "thermoscape/analysis/errors_in_both.hpp"      // a line with errors in x and y
#include "thermoscape/analysis/flatness.hpp"            // width and curvature of a profile
#include "thermoscape/analysis/gamma_fit.hpp"           // maximum likelihood, goodness of fit
#include "thermoscape/analysis/histogram.hpp"           // densities
#include "thermoscape/analysis/hutchpp.hpp"             // trace and Frobenius norm of an operator
#include "thermoscape/analysis/identity.hpp"            // ⟨|∇L|²⟩ = T⟨tr H⟩
#include "thermoscape/analysis/jackknife.hpp"           // errors by leaving out a group
#include "thermoscape/analysis/lanczos.hpp"             // eigenpairs of an operator, certified
#include "thermoscape/analysis/linear_fit.hpp"          // y = a + b x, y = C x
#include "thermoscape/analysis/moments.hpp"             // mean to kurtosis
#include "thermoscape/analysis/oscillation.hpp"         // damped oscillators, periodogram
#include "thermoscape/analysis/pca.hpp"                 // principal axes
#include "thermoscape/analysis/power_law.hpp"           // y = A x^p
#include "thermoscape/analysis/r_hat.hpp"               // split R-hat, effective samples
#include "thermoscape/analysis/randomised_pca.hpp"      // leading axes of what fits nowhere
#include "thermoscape/analysis/share.hpp"               // k of n runs
#include "thermoscape/analysis/slq.hpp"                 // spectral density of an operator
#include "thermoscape/analysis/subspace_iteration.hpp"  // the same by powers
#include "thermoscape/analysis/tail_fit.hpp"            // logarithm against exponential
#include "thermoscape/analysis/two_phases.hpp"          // the drop of a loss and what follows
