#include "kernels/peers/OneDnn.h"

#include <dnnl.hpp>

namespace tegula::corpus::onednn {
namespace {

// The description of an operand, or nothing when oneDNN has no such type.
std::optional<dnnl::memory::desc> describe(const PeerCall &call,
                                           const Operand &operand) {
  using Type = dnnl::memory::data_type;
  Type type;
  if (call.isDtype(operand.name, TEGULA_F32))
    type = Type::f32;
  else if (call.isDtype(operand.name, TEGULA_BF16))
    type = Type::bf16;
  else if (call.isDtype(operand.name, TEGULA_F16))
    type = Type::f16;
  else if (call.isDtype(operand.name, TEGULA_I8))
    type = Type::s8;
  else if (call.isDtype(operand.name, TEGULA_I32))
    type = Type::s32;
  else
    return std::nullopt;
  return dnnl::memory::desc(operand.shape, type, operand.strides);
}

} // namespace

MaybeError prepareMatmul(std::shared_ptr<const PeerCall> call, const Operand &a,
                         const Operand &b, const Operand &c, PeerRun &run) {
  auto descA = describe(*call, a), descB = describe(*call, b),
       descC = describe(*call, c);
  if (!descA || !descB || !descC)
    return "oneDNN has no matmul for this type";
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::matmul matmul(dnnl::matmul::primitive_desc(
      dnnl::matmul::desc(*descA, *descB, *descC), engine));
  std::unordered_map<int, dnnl::memory> args{
      {DNNL_ARG_SRC, dnnl::memory(*descA, engine, call->data(a.name))},
      {DNNL_ARG_WEIGHTS, dnnl::memory(*descB, engine, call->data(b.name))},
      {DNNL_ARG_DST, dnnl::memory(*descC, engine, call->data(c.name))}};
  run = [matmul, args, stream = dnnl::stream(engine)]() mutable {
    matmul.execute(stream, args);
    stream.wait();
  };
  return std::nullopt;
}

MaybeError prepareSoftmax(std::shared_ptr<const PeerCall> call,
                          const Operand &x, const Operand &y, PeerRun &run) {
  auto descX = describe(*call, x), descY = describe(*call, y);
  if (!descX || !descY)
    return "oneDNN has no softmax for this type";
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::softmax_v2_forward softmax(dnnl::softmax_v2_forward::primitive_desc(
      dnnl::softmax_v2_forward::desc(dnnl::prop_kind::forward_inference,
                                     dnnl::algorithm::softmax_accurate, *descX,
                                     *descY, 1),
      engine));
  std::unordered_map<int, dnnl::memory> args{
      {DNNL_ARG_SRC, dnnl::memory(*descX, engine, call->data(x.name))},
      {DNNL_ARG_DST, dnnl::memory(*descY, engine, call->data(y.name))}};
  run = [softmax, args, stream = dnnl::stream(engine)]() mutable {
    softmax.execute(stream, args);
    stream.wait();
  };
  return std::nullopt;
}

MaybeError prepareConvolution(std::shared_ptr<const PeerCall> call,
                              const Operand &x, const Operand &weight,
                              const Operand &bias, const Operand &y,
                              int64_t stride, int64_t padding, PeerRun &run) {
  auto descX = describe(*call, x), descW = describe(*call, weight),
       descB = describe(*call, bias), descY = describe(*call, y);
  if (!descX || !descW || !descB || !descY)
    return "oneDNN has no convolution for this type";
  dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  using Convolution = dnnl::convolution_forward;
  Convolution convolution(Convolution::primitive_desc(
      Convolution::desc(dnnl::prop_kind::forward_inference,
                        dnnl::algorithm::convolution_auto, *descX, *descW,
                        *descB, *descY, {stride, stride}, {padding, padding},
                        {padding, padding}),
      engine));
  std::unordered_map<int, dnnl::memory> args{
      {DNNL_ARG_SRC, dnnl::memory(*descX, engine, call->data(x.name))},
      {DNNL_ARG_WEIGHTS, dnnl::memory(*descW, engine, call->data(weight.name))},
      {DNNL_ARG_BIAS, dnnl::memory(*descB, engine, call->data(bias.name))},
      {DNNL_ARG_DST, dnnl::memory(*descY, engine, call->data(y.name))}};
  run = [convolution, args, stream = dnnl::stream(engine)]() mutable {
    convolution.execute(stream, args);
    stream.wait();
  };
  return std::nullopt;
}

} // namespace tegula::corpus::onednn
