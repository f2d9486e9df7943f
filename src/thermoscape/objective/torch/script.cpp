#include "thermoscape/objective/torch/script.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/python/update_graph_executor_opt.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/torch/failure.hpp"
#include "thermoscape/objective/torch/script_file.hpp"

namespace thermoscape::networks {

namespace {

using ::torch::jit::Module;

/// A place in a module that holds a tensor.
struct Slot {
  c10::intrusive_ptr<c10::ivalue::Object> object;
  std::size_t index = 0;

  [[nodiscard]] at::Tensor get() const { return object->getSlot(index).toTensor(); }
  void set(const at::Tensor& value) const { object->setSlot(index, value); }
};

/// A tensor of the module: shared ones have several places.
struct Place {
  std::string name;
  std::vector<Slot> slots;
};

struct Places {
  std::vector<Place> parameters;
  std::vector<Place> buffers;
};

void add_place(std::vector<Place>& places, std::string name, Slot slot) {
  const at::Tensor tensor = slot.get();
  for (Place& one : places) {
    if (!one.slots.front().get().is_same(tensor)) continue;
    one.slots.push_back(std::move(slot));
    return;
  }
  places.push_back({std::move(name), {std::move(slot)}});
}

Places places_of(const Module& module) {
  Places places;
  std::vector<const void*> seen;
  for (const auto& sub : module.named_modules()) {
    const auto object = sub.value._ivalue();
    if (std::find(seen.begin(), seen.end(), object.get()) != seen.end()) continue;
    seen.push_back(object.get());
    const auto type = object->type();
    for (std::size_t i = 0; i < type->numAttributes(); ++i) {
      if (!object->getSlot(i).isTensor()) continue;
      const std::string name = (sub.name.empty() ? "" : sub.name + ".") + type->getAttributeName(i);
      if (type->is_parameter(i)) add_place(places.parameters, name, {object, i});
      if (type->is_buffer(i)) add_place(places.buffers, name, {object, i});
    }
  }
  return places;
}

std::vector<Named> values_of(const std::vector<Place>& places, const at::TensorOptions& like) {
  std::vector<Named> named;
  for (const Place& one : places) {
    const at::Tensor value = one.slots.front().get().detach();
    named.push_back({one.name,
                     (value.is_floating_point() ? value.to(like) : value.to(like.device()))
                         .clone(at::MemoryFormat::Contiguous)});
  }
  return named;
}

class Script final : public Network {
 public:
  Script(std::shared_ptr<const Module> file, const at::TensorOptions& like, bool takes_labels)
      : file_(std::move(file)),
        like_(like),
        takes_labels_(takes_labels),
        module_(file_->deepcopy()),
        places_(places_of(module_)),
        parameters_(values_of(places_.parameters, like)),
        buffers_(values_of(places_.buffers, like)) {
    module_.to(like.device());
    module_.eval();
  }
  [[nodiscard]] std::unique_ptr<Network> clone() const override {
    return std::make_unique<Script>(file_, like_, takes_labels_);
  }
  [[nodiscard]] const std::vector<Named>& parameters() const override { return parameters_; }
  [[nodiscard]] const std::vector<Named>& buffers() const override { return buffers_; }
  [[nodiscard]] Tensors initial(const Noise& /*noise*/) const override {
    Tensors values;
    for (const Named& one : parameters_) values.push_back(one.value);
    return values;
  }

  [[nodiscard]] at::Tensor forward(const Pass& pass) override {
    ::torch::jit::setGraphExecutorOptimize(false);  // a setting of the thread
    if (training_ != pass.training) module_.train(pass.training);
    training_ = pass.training;
    put(places_.parameters, pass.parameters);
    put(places_.buffers, pass.buffers);
    std::vector<c10::IValue> arguments{pass.inputs};
    if (takes_labels_) arguments.emplace_back(pass.labels);
    const c10::IValue out = module_.forward(std::move(arguments));
    if (!out.isTensor())
      throw std::runtime_error("forward must return one tensor, it returned " + out.tagKind());
    if (pass.training) {  // some statistics are replaced and not written to
      for (std::size_t i = 0; i < pass.buffers.size(); ++i) {
        const at::Tensor now = places_.buffers[i].slots.front().get();
        if (!now.is_same(pass.buffers[i])) pass.buffers[i].copy_(now);
      }
    }
    return out.toTensor();
  }

 private:
  static void put(const std::vector<Place>& places, const Tensors& tensors) {
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (const Slot& slot : places[i].slots) slot.set(tensors[i]);
    }
  }

  std::shared_ptr<const Module> file_;
  at::TensorOptions like_;
  bool takes_labels_;
  Module module_;
  Places places_;
  std::vector<Named> parameters_;
  std::vector<Named> buffers_;
  bool training_ = false;
};

}  // namespace

std::unique_ptr<Network> read_script(const std::string& file,
                                     const at::TensorOptions& like,
                                     bool takes_labels) {
  check_script_file(file);
  std::shared_ptr<const Module> module;
  try {
    module = std::make_shared<const Module>(::torch::jit::load(file, at::kCPU));
  } catch (const std::exception& failure) {
    const std::string reason = reason_of(failure);
    const bool unknown = reason.find("nknown builtin op") != std::string::npos ||
                         reason.find("nknown type") != std::string::npos;
    const bool damaged = reason.find("PytorchStreamReader") != std::string::npos;
    reject({file,
            "",
            unknown
                ? fmt::format(
                      "holds an operator that LibTorch {} does not know: {}", TORCH_VERSION, reason)
            : damaged ? "is truncated or damaged: " + reason
                      : "cannot be loaded: " + reason,
            ""});
  }
  auto network = std::make_unique<Script>(module, like, takes_labels);
  if (network->parameters().empty()) {
    reject({file,
            "",
            "the model has no parameters",
            "save it before torch.jit.freeze or torch.jit.optimize_for_inference"});
  }
  return network;
}

}  // namespace thermoscape::networks
