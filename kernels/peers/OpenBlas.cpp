#include "kernels/peers/OpenBlas.h"

#include <dlfcn.h>

namespace tegula::corpus::openblas {
namespace {

// The C interface of every BLAS: enums are ints, sizes are 32-bit.
enum Order : int { RowMajor = 101 };
enum Transpose : int { NoTranspose = 111, Transposed = 112 };
template <typename T>
using Gemm = void (*)(Order, Transpose, Transpose, int m, int n, int k, T alpha,
                      const T *a, int lda, const T *b, int ldb, T beta, T *c,
                      int ldc);

// How a matrix is given to BLAS: one stride is 1.
struct Layout {
  Transpose transpose;
  int leading;
};

std::optional<Layout> layoutOf(const Operand &operand) {
  int64_t rows = operand.strides[0], columns = operand.strides[1];
  if (columns == 1)
    return Layout{NoTranspose, int(rows)};
  if (rows == 1)
    return Layout{Transposed, int(columns)};
  return std::nullopt;
}

template <typename T>
PeerRun bind(void *function, std::shared_ptr<const PeerCall> call,
             const Operand &a, const Operand &b, const Operand &c, Layout left,
             Layout right) {
  auto gemm = reinterpret_cast<Gemm<T>>(function);
  int m = int(c.shape[0]), n = int(c.shape[1]), k = int(a.shape[1]);
  auto *dataA = static_cast<const T *>(call->data(a.name));
  auto *dataB = static_cast<const T *>(call->data(b.name));
  auto *dataC = static_cast<T *>(call->data(c.name));
  int leading = int(c.strides[0]);
  return [=] {
    gemm(RowMajor, left.transpose, right.transpose, m, n, k, T(1), dataA,
         left.leading, dataB, right.leading, T(0), dataC, leading);
  };
}

} // namespace

MaybeError prepareMatmul(std::shared_ptr<const PeerCall> call, const Operand &a,
                         const Operand &b, const Operand &c, PeerRun &run) {
  auto isAll = [&](tegula_dtype dtype) {
    return call->isDtype(a.name, dtype) && call->isDtype(b.name, dtype) &&
           call->isDtype(c.name, dtype);
  };
  bool isDouble = isAll(TEGULA_F64);
  if (!isDouble && !isAll(TEGULA_F32))
    return "OpenBLAS has no product for this type";
  std::optional<Layout> left = layoutOf(a), right = layoutOf(b);
  if (!left || !right || c.strides[1] != 1)
    return "OpenBLAS does not do these strides";
  // Never closed: it may have threads of its own.
  void *library = ::dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  void *function =
      library ? ::dlsym(library, isDouble ? "cblas_dgemm" : "cblas_sgemm")
              : nullptr;
  if (!function)
    return "libopenblas.so.0 was not found";
  using SetThreads = void (*)(int);
  if (auto setThreads = reinterpret_cast<SetThreads>(
          ::dlsym(library, "openblas_set_num_threads")))
    setThreads(call->threads);
  run = isDouble ? bind<double>(function, call, a, b, c, *left, *right)
                 : bind<float>(function, call, a, b, c, *left, *right);
  return std::nullopt;
}

} // namespace tegula::corpus::openblas
