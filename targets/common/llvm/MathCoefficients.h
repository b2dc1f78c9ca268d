//===- MathCoefficients.h - Polynomials of ExpandMath -----------*- C++ -*-===//
//
// Part of the Tegula Project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written by math/fit_coefficients.py: Remez fits in 60 digits, rounded to the
// format at the end of each table. Lowest power first.
//
//===----------------------------------------------------------------------===//

#ifndef TEGULA_TARGETS_COMMON_LLVM_MATHCOEFFICIENTS_H
#define TEGULA_TARGETS_COMMON_LLVM_MATHCOEFFICIENTS_H

namespace tegula::targets::coefficients {

/// exp(r) = 1 + r + r^2 * p(r), |r| <= ln(2)/2. Fit error: 3.07e-9.
inline constexpr double kExp[] = {
    0x1.fffffc0000000p-2, 0x1.5554920000000p-3,  0x1.5558f20000000p-5,
    0x1.123a200000000p-7, 0x1.6a23d20000000p-10,
}; // float

/// exp(r) = 1 + r + r^2 * p(r), |r| <= ln(2)/2. Fit error: 3.64e-18.
inline constexpr double kExpF64[] = {
    0x1.000000000000ap-1,  0x1.55555555554f9p-3,  0x1.555555555083ep-5,
    0x1.1111111127d0dp-7,  0x1.6c16c18438b34p-10, 0x1.a01a012a0f545p-13,
    0x1.a01999e25ca9ap-16, 0x1.71df25b37821bp-19, 0x1.28ad9b8a9426ep-22,
    0x1.ad7f3d6789942p-26,
}; // double

/// 2^r = 1 + r * p(r), |r| <= 1/2. Fit error: 1.97e-9.
inline constexpr double kExp2[] = {
    0x1.62e4300000000p-1, 0x1.ebfbdc0000000p-3,  0x1.c6aee80000000p-5,
    0x1.3b2d4c0000000p-7, 0x1.5f3e580000000p-10, 0x1.41fbc60000000p-13,
}; // float

/// 2^r = 1 + r * p(r), |r| <= 1/2. Fit error: 3.37e-18.
inline constexpr double kExp2F64[] = {
    0x1.62e42fefa39efp-1,  0x1.ebfbdff82c5a4p-3,  0x1.c6b08d7049fe8p-5,
    0x1.3b2ab6fba0116p-7,  0x1.5d87fe78cd6fbp-10, 0x1.4309130ed9838p-13,
    0x1.ffcbfba976c96p-17, 0x1.62bfc79b62059p-20, 0x1.b5267cef2fc3fp-24,
    0x1.e61b531827132p-28, 0x1.e79ba80500d2fp-32,
}; // double

/// 2^r = 1 + r * p(r), |r| <= 1/2. Fit error: 8.14e-13.
inline constexpr double kExp2Pow[] = {
    0x1.62e42fef89d0ap-1,  0x1.ebfbdff8ede97p-3,  0x1.c6b08dced6a6ep-5,
    0x1.3b2ab5ed70682p-7,  0x1.5d874d02e0ed8p-10, 0x1.430aa87c16b22p-13,
    0x1.00d8560daf091p-16, 0x1.61c4fdce59879p-20,
}; // double

/// log(1 + f) = f - f^2/2 + f^3 * p(f), sqrt(1/2) <= 1 + f <= sqrt(2). Fit
/// error: 7.26e-10.
inline constexpr double kLog[] = {
    0x1.5555460000000p-2,  -0x1.ffffee0000000p-3, 0x1.99a5460000000p-3,
    -0x1.5562e40000000p-3, 0x1.2332c00000000p-3,  -0x1.fb432c0000000p-4,
    0x1.e650ac0000000p-4,  -0x1.e2e9aa0000000p-4, 0x1.1b429e0000000p-4,
}; // float

/// log((1+s)/(1-s)) = 2s + s^3 * p(s^2). Fit error: 1.65e-20.
inline constexpr double kLogF64[] = {
    0x1.5555555555555p-1, 0x1.9999999999e06p-2, 0x1.249249242aae9p-2,
    0x1.c71c7259ab1f5p-3, 0x1.745cddff2641fp-3, 0x1.3b20b4e8813edp-3,
    0x1.0f5bf543042cap-3, 0x1.0f6aa06e771cbp-3,
}; // double

/// log((1+s)/(1-s)) = 2s + s^3 * p(s^2). Fit error: 3.81e-16.
inline constexpr double kLogPow[] = {
    0x1.5555555553934p-1, 0x1.999999a2a0762p-2, 0x1.2492416ecacc6p-2,
    0x1.c7227d5bfd476p-3, 0x1.732b71fe99967p-3, 0x1.58805025b2853p-3,
}; // double

/// sin(r) = r + r^3 * p(r^2), |r| <= pi/4. Fit error: 3.62e-9.
inline constexpr double kSin[] = {
    -0x1.5555460000000p-3,
    0x1.1107560000000p-7,
    -0x1.994b400000000p-13,
}; // float

/// cos(r) = 1 - r^2/2 + r^4 * p(r^2), |r| <= pi/4. Fit error: 9.64e-11.
inline constexpr double kCos[] = {
    0x1.55554a0000000p-5,
    -0x1.6c0c820000000p-10,
    0x1.99ff400000000p-16,
}; // float

/// tanh(x) = x + x^3 * p(x^2), |x| <= 0.625. Fit error: 4.13e-9.
inline constexpr double kTanh[] = {
    -0x1.5555340000000p-2, 0x1.1107680000000p-3,  -0x1.b844480000000p-5,
    0x1.5256d40000000p-6,  -0x1.76ac0a0000000p-8,
}; // float

/// erf(x) = x + x * p(x^2), |x| <= 0.921875. Fit error: 1.55e-8.
inline constexpr double kErf[] = {
    0x1.06eba60000000p-3,  -0x1.8126ee0000000p-2, 0x1.ce1b940000000p-4,
    -0x1.b69a7e0000000p-6, 0x1.478c8a0000000p-8,  -0x1.3b46660000000p-11,
}; // float

/// erf(x) = 1 - 2^(x * p(x)), 0.921875 <= x <= 3.93. Fit error: 2.87e-10.
inline constexpr double kErfTail[] = {
    -0x1.a0cf3e0000000p+0, -0x1.d57eea0000000p-1,  -0x1.3721f20000000p-3,
    0x1.0c7c600000000p-5,  -0x1.1799340000000p-8,  0x1.6808340000000p-14,
    0x1.07e7ec0000000p-14, -0x1.ce4b500000000p-18,
}; // float

} // namespace tegula::targets::coefficients

#endif // TEGULA_TARGETS_COMMON_LLVM_MATHCOEFFICIENTS_H
