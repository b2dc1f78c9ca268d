#include "kernels/Peer.h"

#include <algorithm>
#include <exception>
#include <iterator>

// The OpenMP runtime, by its functions: clang's -fopenmp would load a second
// one beside the libgomp that oneDNN brings.
extern "C" {
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads,
                   unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
void omp_set_num_threads(int);
}

namespace tegula::corpus {

using SimdItems = int64_t (*)(const PeerCall &);
using SimdBody = void (*)(const PeerCall &, int64_t, int64_t);

// One entry per (kernel, instruction set), best set first.
#define TEGULA_XSIMD_PEER(NAME, ISA, CONDITION)                                \
  namespace simd_##ISA {                                                       \
    int64_t NAME##Items(const PeerCall &call);                                 \
    void NAME(const PeerCall &call, int64_t begin, int64_t end);               \
  }
#define TEGULA_LIBRARY_PEER(NAME, LIBRARY)                                     \
  namespace LIBRARY {                                                          \
  MaybeError NAME(std::shared_ptr<const PeerCall> call, PeerRun &run);         \
  }
#include "kernels/CorpusPeers.def"

namespace {

struct SimdPeer {
  std::string_view kernel;
  bool (*isSupported)();
  SimdItems items;
  SimdBody body;
};

const SimdPeer simdPeers[] = {
#define TEGULA_XSIMD_PEER(NAME, ISA, CONDITION)                                \
  {#NAME, [] { return bool(CONDITION); }, simd_##ISA::NAME##Items,             \
   simd_##ISA::NAME},
#define TEGULA_LIBRARY_PEER(NAME, LIBRARY)
#include "kernels/CorpusPeers.def"
    {"", [] { return false; }, nullptr, nullptr},
};

MaybeError prepareSimd(std::string_view kernel,
                       std::shared_ptr<const PeerCall> call, PeerRun &run) {
  bool isKnown = false;
  for (const SimdPeer &peer : simdPeers) {
    if (peer.kernel != kernel)
      continue;
    isKnown = true;
    if (!peer.isSupported())
      continue;
    int64_t items = peer.items(*call);
    if (items <= 0)
      return "the xsimd loop does not do this type or layout";
    run = [call, items, body = peer.body] {
      parallelFor(call->threads, items,
                  [&](int64_t begin, int64_t end) { body(*call, begin, end); });
    };
    return std::nullopt;
  }
  return isKnown ? "this processor lacks AVX2, which the xsimd loop needs"
                 : "no xsimd loop for this kernel in this build";
}

struct LibraryPeer {
  std::string_view kernel, library;
  MaybeError (*prepare)(std::shared_ptr<const PeerCall> call, PeerRun &run);
};

const LibraryPeer libraryPeers[] = {
#define TEGULA_XSIMD_PEER(NAME, ISA, CONDITION)
#define TEGULA_LIBRARY_PEER(NAME, LIBRARY) {#NAME, #LIBRARY, LIBRARY::NAME},
#include "kernels/CorpusPeers.def"
    {"", "", nullptr},
};

MaybeError prepareLibrary(std::string_view kernel, std::string_view library,
                          std::shared_ptr<const PeerCall> call, PeerRun &run) {
  for (const LibraryPeer &peer : libraryPeers) {
    if (peer.kernel != kernel || peer.library != library)
      continue;
    omp_set_num_threads(call->threads);
    if (MaybeError error = peer.prepare(call, run))
      return error;
    run = [call, inner = std::move(run)] {
      omp_set_num_threads(call->threads);
      inner();
    };
    return std::nullopt;
  }
  return "no " + std::string(library) + " form of this kernel in this build";
}

struct Split {
  int64_t count;
  const std::function<void(int64_t, int64_t)> *body;
};

void runShare(void *data) {
  const Split &split = *static_cast<const Split *>(data);
  int64_t threads = omp_get_num_threads(), thread = omp_get_thread_num();
  int64_t begin = split.count * thread / threads;
  int64_t end = split.count * (thread + 1) / threads;
  if (begin < end)
    (*split.body)(begin, end);
}

} // namespace

void PeerCall::addArray(std::string name, tegula_dtype dtype,
                        std::vector<int64_t> shape, void *data) {
  arrays[std::move(name)] = Array{dtype, std::move(shape), data};
}

void PeerCall::addNumber(std::string name, double value) {
  numbers[std::move(name)] = value;
}

void PeerCall::addText(std::string name, std::string value) {
  texts[std::move(name)] = std::move(value);
}

const PeerCall::Array *PeerCall::find(const char *name) const {
  auto found = arrays.find(std::string_view(name));
  return found == arrays.end() ? nullptr : &found->second;
}

bool PeerCall::isDtype(const char *name, tegula_dtype dtype) const {
  const Array *array = find(name);
  return array && array->dtype == dtype;
}

float *PeerCall::f32(const char *name) const {
  return isDtype(name, TEGULA_F32) ? static_cast<float *>(data(name)) : nullptr;
}

void *PeerCall::data(const char *name) const {
  const Array *array = find(name);
  return array ? array->data : nullptr;
}

int64_t PeerCall::extent(const char *name, int dim) const {
  const Array *array = find(name);
  return array && size_t(dim) < array->shape.size() ? array->shape[dim] : 0;
}

int64_t PeerCall::size(const char *name) const {
  const Array *array = find(name);
  int64_t result = array ? 1 : 0;
  if (array)
    for (int64_t extent : array->shape)
      result *= extent;
  return result;
}

double PeerCall::number(const char *name) const {
  auto found = numbers.find(std::string_view(name));
  return found == numbers.end() ? 0 : found->second;
}

bool PeerCall::isText(const char *name, const char *value) const {
  auto found = texts.find(std::string_view(name));
  return found != texts.end() && found->second == value;
}

bool isPeerName(std::string_view name) {
  return name == "xsimd" || name == "onednn" || name == "openblas";
}

MaybeError preparePeer(std::string_view kernel, std::string_view peer,
                       std::shared_ptr<const PeerCall> call, PeerRun &run) {
  if (peer == "xsimd")
    return prepareSimd(kernel, std::move(call), run);
  if (!isPeerName(peer))
    return "unknown peer '" + std::string(peer) + "'";
  try {
    return prepareLibrary(kernel, peer, std::move(call), run);
  } catch (const std::exception &error) { // oneDNN's C++ interface throws
    return "oneDNN: " + std::string(error.what());
  }
}

void parallelFor(int threads, int64_t count,
                 const std::function<void(int64_t, int64_t)> &body) {
  threads = int(std::min<int64_t>(threads, count));
  if (threads <= 1)
    return body(0, count);
  Split split{count, &body};
  GOMP_parallel(runShare, &split, unsigned(threads), 0);
}

} // namespace tegula::corpus
