//===- Probes.cpp - What this machine can do at most ---*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/tegula/Probes.h"
#include "kernels/Peer.h"
#include "runtime/cpu/Features.h"
#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <sys/mman.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace tegula::tools {

namespace {

/// Operations of `rounds` rounds; 0: the processor can't.
using Burst = double (*)(int64_t rounds);

double seconds(const std::chrono::steady_clock::time_point &start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

#ifdef __x86_64__
// Sixteen independent chains hide the latency of any multiply-add unit; the
// empty asm keeps the values in registers and the work from being dropped.
#define CHAINS_KEEP(values)                                                    \
  for (auto &value : values)                                                   \
  asm volatile("" : "+v"(value))
constexpr int kChains = 16;

__attribute__((target("avx512f"))) double fmaF32Wide(int64_t rounds) {
  __m512 sums[kChains], x = _mm512_set1_ps(0.5f);
  for (auto &sum : sums)
    sum = _mm512_set1_ps(1);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = _mm512_fmadd_ps(sum, x, x);
    CHAINS_KEEP(sums);
  }
  return 2.0 * 16 * kChains * rounds;
}

__attribute__((target("avx512f"))) double fmaF64Wide(int64_t rounds) {
  __m512d sums[kChains], x = _mm512_set1_pd(0.5);
  for (auto &sum : sums)
    sum = _mm512_set1_pd(1);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = _mm512_fmadd_pd(sum, x, x);
    CHAINS_KEEP(sums);
  }
  return 2.0 * 8 * kChains * rounds;
}

__attribute__((target("avx2,fma"))) double fmaF32Narrow(int64_t rounds) {
  __m256 sums[kChains - 4], x = _mm256_set1_ps(0.5f);
  for (auto &sum : sums)
    sum = _mm256_set1_ps(1);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = _mm256_fmadd_ps(sum, x, x);
    CHAINS_KEEP(sums);
  }
  return 2.0 * 8 * (kChains - 4) * rounds;
}

__attribute__((target("avx2,fma"))) double fmaF64Narrow(int64_t rounds) {
  __m256d sums[kChains - 4], x = _mm256_set1_pd(0.5);
  for (auto &sum : sums)
    sum = _mm256_set1_pd(1);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = _mm256_fmadd_pd(sum, x, x);
    CHAINS_KEEP(sums);
  }
  return 2.0 * 4 * (kChains - 4) * rounds;
}

__attribute__((target("avx512f,avx512bf16"))) double dotBf16(int64_t rounds) {
  __m512 sums[kChains];
  __m512bh x = __m512bh(_mm512_set1_epi16(0x3f00));
  for (auto &sum : sums)
    sum = _mm512_set1_ps(1);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = _mm512_dpbf16_ps(sum, x, x);
    CHAINS_KEEP(sums);
  }
  return 2.0 * 32 * kChains * rounds;
}

__attribute__((target("avx512f,avx512vnni"))) double dotI8(int64_t rounds) {
  __m512i sums[kChains], x = _mm512_set1_epi8(1);
  for (auto &sum : sums)
    sum = _mm512_setzero_si512();
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = _mm512_dpbusd_epi32(sum, x, x);
    CHAINS_KEEP(sums);
  }
  return 2.0 * 64 * kChains * rounds;
}

/// Four tiles of sums, whole registers of 16 rows of 64 bytes.
#define TILE_BURST(NAME, FEATURE, MULTIPLY, PRODUCTS)                          \
  __attribute__((target("amx-tile," FEATURE))) double NAME(int64_t rounds) {   \
    alignas(64) struct {                                                       \
      uint8_t palette = 1, start = 0, reserved[14] = {};                       \
      uint16_t rowBytes[16] = {64, 64, 64, 64, 64, 64};                        \
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16};                             \
    } config;                                                                  \
    _tile_loadconfig(&config);                                                 \
    _tile_zero(4);                                                             \
    _tile_zero(5);                                                             \
    for (int64_t i = 0; i < rounds; ++i) {                                     \
      MULTIPLY(0, 4, 5);                                                       \
      MULTIPLY(1, 4, 5);                                                       \
      MULTIPLY(2, 4, 5);                                                       \
      MULTIPLY(3, 4, 5);                                                       \
    }                                                                          \
    _tile_release();                                                           \
    return 2.0 * PRODUCTS * 4 * rounds;                                        \
  }
TILE_BURST(tileBf16, "amx-bf16", _tile_dpbf16ps, 16 * 16 * 32)
TILE_BURST(tileI8, "amx-int8", _tile_dpbssd, 16 * 16 * 64)
#undef TILE_BURST

Burst burstOf(Peak which) {
  bool wide = __builtin_cpu_supports("avx512f");
  bool narrow = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  switch (which) {
  case Peak::FmaF32:
    return wide ? fmaF32Wide : narrow ? fmaF32Narrow : nullptr;
  case Peak::FmaF64:
    return wide ? fmaF64Wide : narrow ? fmaF64Narrow : nullptr;
  case Peak::FmaBf16:
    if (runtime::hasFeature("amx-bf16"))
      return tileBf16;
    return wide && __builtin_cpu_supports("avx512bf16") ? dotBf16 : nullptr;
  case Peak::DotI8:
    if (runtime::hasFeature("amx-int8"))
      return tileI8;
    return wide && __builtin_cpu_supports("avx512vnni") ? dotI8 : nullptr;
  }
  return nullptr;
}

/// SSE2 is part of x86-64, and a streaming store is as wide as its line anyway.
void addStreaming(const float *x, const float *y, float *out, int64_t count) {
  for (int64_t i = 0; i < count; i += 16)
    for (int64_t j = i; j < i + 16; j += 4)
      _mm_stream_ps(out + j,
                    _mm_add_ps(_mm_load_ps(x + j), _mm_load_ps(y + j)));
  _mm_sfence();
}
#else
template <typename T> double fmaPlain(int64_t rounds) {
  typedef T Vector __attribute__((vector_size(16)));
  Vector sums[16], x = Vector{} + T(0.5);
  for (auto &sum : sums)
    sum = Vector{} + T(1);
  for (int64_t i = 0; i < rounds; ++i) {
    for (auto &sum : sums)
      sum = __builtin_elementwise_fma(sum, x, x);
    for (auto &sum : sums)
      asm volatile("" : "+w"(sum));
  }
  return 2.0 * (16 / sizeof(T)) * 16 * rounds;
}

Burst burstOf(Peak which) {
  return which == Peak::FmaF32   ? fmaPlain<float>
         : which == Peak::FmaF64 ? fmaPlain<double>
                                 : nullptr;
}

void addStreaming(const float *x, const float *y, float *out, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    __builtin_nontemporal_store(x[i] + y[i], out + i);
}
#endif

/// Operations per second of a burst on all threads.
double runBurst(Burst burst, unsigned threads, int64_t rounds) {
  std::vector<double> operations(threads);
  auto start = std::chrono::steady_clock::now();
  corpus::parallelFor(threads, threads, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      operations[i] = burst(rounds);
  });
  double time = seconds(start);
  double sum = 0;
  for (double count : operations)
    sum += count;
  return sum / time;
}

} // namespace

const char *Probes::name(Peak which) {
  switch (which) {
  case Peak::FmaF32:
    return "fma_f32";
  case Peak::FmaF64:
    return "fma_f64";
  case Peak::FmaBf16:
    return "fma_bf16";
  case Peak::DotI8:
    return "dot_i8";
  }
  return "none";
}

double Probes::peak(Peak which) {
  if (!peaks.count(which))
    measurePeak(which);
  return peaks[which];
}

void Probes::measureAgain(Peak which) {
  measurePeak(which);
  measureStream();
}

void Probes::measurePeak(Peak which) {
  double best = 0;
  if (Burst burst = burstOf(which)) {
    // Wide units are slow until the processor has woken them, and others may
    // use it: go on until a long row of bursts has brought nothing better.
    runBurst(burst, threads, 200000);
    for (int idle = 0, all = 0; idle < 30 && all < 400; ++idle, ++all) {
      double rate = runBurst(burst, threads, 50000);
      if (rate > best * 1.01)
        idle = 0;
      best = std::max(best, rate);
    }
  }
  peaks[which] = std::max(peaks[which], best * 1e-9);
}

bool Probes::atFullSpeed() {
  Burst burst = burstOf(Peak::FmaF32);
  if (!burst)
    return true;
  double rate = 0;
  // A single interrupt is no throttling.
  for (int i = 0; i < 2; ++i)
    rate = std::max(rate, runBurst(burst, threads, 10000));
  bestShort = std::max(bestShort, rate);
  return rate >= 0.9 * bestShort;
}

double Probes::stream() {
  if (!streamRate)
    measureStream();
  return streamRate;
}

void Probes::measureStream() {
  const int64_t count = int64_t(24) << 20;
  const size_t bytes = size_t(count) * sizeof(float);
  float *arrays[3];
  for (float *&array : arrays) {
    void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      return;
    array = static_cast<float *>(memory);
  }
  const int64_t blocks = count / 4096;
  // The thread that uses a page touches it first.
  auto pass = [&](auto body) {
    corpus::parallelFor(threads, blocks, [&](int64_t begin, int64_t end) {
      body(begin * 4096, (end - begin) * 4096);
    });
  };
  pass([&](int64_t first, int64_t length) {
    for (float *array : arrays)
      std::fill_n(array + first, length, 1.0f);
  });
  for (int i = 0; i < 8; ++i) {
    auto start = std::chrono::steady_clock::now();
    pass([&](int64_t first, int64_t length) {
      addStreaming(arrays[0] + first, arrays[1] + first, arrays[2] + first,
                   length);
    });
    streamRate = std::max(streamRate, 3.0 * bytes / seconds(start) * 1e-9);
  }
  for (float *array : arrays)
    ::munmap(array, bytes);
}

} // namespace tegula::tools
