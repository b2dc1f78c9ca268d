// Other implementations of the corpus' kernels, timed beside ours: xsimd loops
// written by hand, oneDNN. A peer is a file kernels/NAME/peer_PEER.cpp.
#ifndef TEGULA_KERNELS_PEER_H
#define TEGULA_KERNELS_PEER_H

#include "kernels/Expression.h"
#include "tegula/abi.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tegula::corpus {

// The arguments of a kernel, as a peer sees them. The getters are out of line
// and return null, 0 or nothing for what isn't there: peer files are compiled
// for several instruction sets and must not emit shared inline code.
class PeerCall {
public:
  // For the caller; the memory must outlive the prepared peer.
  void addArray(std::string name, tegula_dtype dtype,
                std::vector<int64_t> shape, void *data);
  void addNumber(std::string name, double value);
  void addText(std::string name, std::string value);
  int threads = 1;

  // For the peer.
  bool isDtype(const char *name, tegula_dtype dtype) const;
  float *f32(const char *name) const; // null unless it is an f32 array
  void *data(const char *name) const;
  int64_t extent(const char *name, int dim) const;
  int64_t size(const char *name) const;
  double number(const char *name) const;
  bool isText(const char *name, const char *value) const;

private:
  struct Array {
    tegula_dtype dtype;
    std::vector<int64_t> shape;
    void *data;
  };
  const Array *find(const char *name) const;
  std::map<std::string, Array, std::less<>> arrays;
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, std::string, std::less<>> texts;
};

// Does the whole work once; all set-up is done before.
using PeerRun = std::function<void()>;

// True for a name that a spec may use, built in or not.
bool isPeerName(std::string_view name);

// Prepares `peer` for `kernel` on these arguments. Fails with the reason when
// the peer isn't in this build, the processor lacks what it needs, or it does
// not do this case (type, shape, strides).
MaybeError preparePeer(std::string_view kernel, std::string_view peer,
                       std::shared_ptr<const PeerCall> call, PeerRun &run);

// Splits [0, count) over the threads; returns when all are done.
void parallelFor(int threads, int64_t count,
                 const std::function<void(int64_t, int64_t)> &body);

} // namespace tegula::corpus

#endif // TEGULA_KERNELS_PEER_H
