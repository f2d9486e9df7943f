#include "thermoscape/record/run_together.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "thermoscape/objective/mlp/replicas.hpp"
#include "thermoscape/record/lane_view.hpp"

namespace thermoscape {

namespace {

/// The replicas that run now and what the vectors need to know of each.
template <class Real>
class Lanes {
 public:
  Lanes(const Mlp<Real>& network, const std::function<std::optional<Replica<Real>>()>& next)
      : replicas_(network),
        view_(network, replicas_),
        source_(view_),
        next_(&next),
        lanes_(replicas_.lanes()),
        keys_(lanes_.size()),
        steps_(lanes_.size()),
        amplitude_(lanes_.size()),
        eta_(lanes_.size()),
        zeros_(static_cast<std::size_t>(network.parameters())) {}

  bool run() {
    for (std::size_t l = 0; l < lanes_.size(); ++l) take_next(l);
    while (std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& one) { return one.busy(); })) {
      if (!pulses()) return false;
      replicas_.evaluate();
      for (std::size_t l = 0; l < lanes_.size(); ++l) {
        if (lanes_[l].busy() && !look(l)) retire(l, Status::diverged);
      }
      replicas_.kick("overdamped.kick", keys_, steps_, amplitude_, eta_);
      for (std::size_t l = 0; l < lanes_.size(); ++l) {
        if (!lanes_[l].busy()) continue;
        ++steps_[l];
        if (step(l) >= lanes_[l].replica->steps) retire(l, Status::ok);
      }
      // Only between steps: a lane that was taken before the kick would be kicked unevaluated.
      for (std::size_t l = 0; l < lanes_.size(); ++l) {
        if (std::exchange(lanes_[l].vacated, false)) take_next(l);
      }
    }
    return true;
  }

 private:
  struct Lane {
    std::optional<Replica<Real>> replica;
    std::vector<std::int64_t> due;
    std::vector<std::vector<double>> numbers;
    std::int64_t next_look = 0;
    std::int64_t next_pulse = 0;
    Outcome outcome;
    bool vacated = false;  ///< its replica ended in this step

    [[nodiscard]] bool busy() const { return replica.has_value(); }
  };

  [[nodiscard]] std::int64_t step(std::size_t l) const {
    return static_cast<std::int64_t>(steps_[l]);
  }

  /// The next replica that has steps left begins in lane l; without one the lane rests at zero.
  void take_next(std::size_t l) {
    for (;;) {
      Lane& lane = lanes_[l];
      lane = Lane{};
      if (!exhausted_) lane.replica = (*next_)();
      if (!lane.busy()) {
        exhausted_ = true;
        replicas_.put(l, zeros_);
        amplitude_[l] = 0;
        eta_[l] = 0;
        return;
      }
      const Replica<Real>& one = *lane.replica;
      keys_[l] = one.noise.key();
      steps_[l] = static_cast<std::uint64_t>(one.state->step);
      amplitude_[l] = static_cast<Real>(std::sqrt(2 * one.rule.time_step * one.rule.temperature));
      eta_[l] = static_cast<Real>(one.rule.time_step);
      replicas_.put(l, one.state->theta);
      lane.next_pulse = one.state->step;
      for (const Probe<Real>& probe : one.probes) {
        lane.due.push_back(probe.schedule.next(one.state->step));
        lane.numbers.emplace_back(probe.width);
      }
      lane.next_look = next_look(lane);
      if (one.state->step < one.steps) return;
      retire(l, Status::ok);
    }
  }

  static std::int64_t next_look(const Lane& lane) {
    return lane.due.empty() ? Schedule::kNever
                            : *std::min_element(lane.due.begin(), lane.due.end());
  }

  /// Brings the state of lane l up to date.
  void settle(std::size_t l) {
    const Replica<Real>& one = *lanes_[l].replica;
    replicas_.get(l, one.state->theta);
    // As advance_clock() keeps time, in one go where the length of a step was constant.
    State<Real>& state = *one.state;
    if (state.time == static_cast<double>(state.step) * one.rule.time_step) {
      state.step = step(l);
      state.time = static_cast<double>(state.step) * one.rule.time_step;
    }
    while (state.step < step(l)) advance_clock(state, one.rule.time_step);
  }

  /// The due pulses; false if one of them interrupts, and then all have ended so.
  bool pulses() {
    bool go_on = true;
    for (std::size_t l = 0; l < lanes_.size(); ++l) {
      Lane& lane = lanes_[l];
      if (!lane.busy() || step(l) < lane.next_pulse) continue;
      lane.next_pulse = step(l) + lane.replica->hooks.pulse_every;
      if (!lane.replica->hooks.pulse) continue;
      settle(l);
      go_on = lane.replica->hooks.pulse(step(l)) && go_on;
    }
    if (go_on) return true;
    for (std::size_t l = 0; l < lanes_.size(); ++l) {
      if (!lanes_[l].busy()) continue;
      settle(l);
      lanes_[l].outcome.interrupted = true;
      lanes_[l].replica->end(lanes_[l].outcome);
    }
    return false;
  }

  /// What run() does between the gradient and the step; false if a number is not finite.
  bool look(std::size_t l) {
    Lane& lane = lanes_[l];
    lane.outcome.loss = replicas_.loss(l);
    if (!std::isfinite(lane.outcome.loss)) return false;
    if (step(l) != lane.next_look) return true;
    const Replica<Real>& one = *lane.replica;
    bool opened = false;
    for (std::size_t p = 0; p < one.probes.size(); ++p) {
      if (lane.due[p] != step(l)) continue;
      if (p == one.loss_probe) {
        lane.numbers[p][0] = lane.outcome.loss;
        continue;
      }
      if (!std::exchange(opened, true)) {
        settle(l);
        view_.show(l, one.state->theta);
        source_.open(Batch{});
      }
      Look<Real> here{source_, *one.state, one.origin};
      one.probes[p].measure(here, lane.numbers[p]);
      const auto finite = [](double x) { return std::isfinite(x); };
      if (!std::all_of(lane.numbers[p].begin(), lane.numbers[p].end(), finite)) return false;
    }
    for (std::size_t p = 0; p < one.probes.size(); ++p) {
      if (lane.due[p] != step(l)) continue;
      one.hooks.receive(p, lane.numbers[p]);
      lane.due[p] = one.probes[p].schedule.next(step(l) + 1);
    }
    lane.next_look = next_look(lane);
    return true;
  }

  /// Ends the replica of lane l.
  void retire(std::size_t l, Status status) {
    Lane& lane = lanes_[l];
    settle(l);
    // No look follows the last step: a state that it threw off must not end as ok.
    const auto finite = [](Real x) { return std::isfinite(x); };
    const std::vector<Real>& theta = lane.replica->state->theta;
    lane.outcome.status =
        std::all_of(theta.begin(), theta.end(), finite) ? status : Status::diverged;
    lane.replica->end(lane.outcome);
    lane.replica.reset();
    lane.vacated = true;
  }

  mlp::Replicas<Real> replicas_;
  LaneView<Real> view_;
  GradientSource<Real> source_;
  const std::function<std::optional<Replica<Real>>()>* next_;
  std::vector<Lane> lanes_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint64_t> steps_;
  std::vector<Real> amplitude_;
  std::vector<Real> eta_;
  std::vector<Real> zeros_;
  bool exhausted_ = false;
};

}  // namespace

template <class Real>
bool run_together(const Mlp<Real>& network,
                  const std::function<std::optional<Replica<Real>>()>& next) {
  return Lanes<Real>(network, next).run();
}

template bool run_together(const Mlp<float>&,
                           const std::function<std::optional<Replica<float>>()>&);
template bool run_together(const Mlp<double>&,
                           const std::function<std::optional<Replica<double>>()>&);

}  // namespace thermoscape
