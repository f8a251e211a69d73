/*
 * Functions of four numbers at once, to about one unit in the last place of float32. Series are cut where what is left
 * is below it; identities are those that do not cancel (Kahan's for log1p and expm1).
 */
#include "simd.h"

static inline f4 absolute(f4 x) { return (f4)((i4)x & 0x7fffffff); }
static inline f4 with_sign_of(f4 x, f4 sign) { return (f4)((i4)x | ((i4)sign & (int)0x80000000)); }
static inline f4 maximum(f4 a, f4 b) { return (f4)wasm_f32x4_max((v128_t)a, (v128_t)b); }
static inline f4 minimum(f4 a, f4 b) { return (f4)wasm_f32x4_min((v128_t)a, (v128_t)b); }

/* eˣ = 2ⁿ·eʳ with |r| ≤ ½ log 2, eʳ by its series. */
EXPORT f4 exp4(f4 x) {
  const float low = -104, high = 89; /* beyond: 0 and ∞ */
  f4 y = minimum(maximum(x, splat(low)), splat(high));
  f4 n = (f4)wasm_f32x4_nearest((v128_t)(y * 1.44269504f));
  f4 r = multiply_add(n, splat(-0.693359375f), y); /* log 2 in two parts, the first exact in few digits */
  r = multiply_add(n, splat(2.12194440e-4f), r);
  f4 sum = splat(1.f / 5040);
  sum = multiply_add(sum, r, splat(1.f / 720));
  sum = multiply_add(sum, r, splat(1.f / 120));
  sum = multiply_add(sum, r, splat(1.f / 24));
  sum = multiply_add(sum, r, splat(1.f / 6));
  sum = multiply_add(sum, r, splat(.5f));
  sum = multiply_add(sum * r, r, r) + 1;
  /* 2ⁿ in two factors, for n from −150 to 128 */
  i4 exponent = __builtin_convertvector(n, i4), half = exponent >> 1;
  f4 result = sum * (f4)((half + 127) << 23) * (f4)((exponent - half + 127) << 23);
  return choose((i4)(x == x), result, x);
}

/* log x = n·log 2 + 2 artanh((m−1)/(m+1)) with x = 2ⁿ·m, m in [√½, √2). */
EXPORT f4 log4(f4 x) {
  i4 tiny = (i4)(x < 1.17549435e-38f); /* below it floats lose digits: times 2²³ */
  f4 scaled = choose(tiny, x * 8388608.f, x);
  i4 bits = (i4)scaled - 0x3f3504f3; /* √½ */
  i4 exponent = bits >> 23;
  f4 m = (f4)((bits & 0x7fffff) + 0x3f3504f3);
  f4 n = __builtin_convertvector(exponent - (tiny & 23), f4);
  f4 f = m - 1, s = f / (m + 1), z = s * s;
  f4 sum = splat(2.f / 9);
  sum = multiply_add(sum, z, splat(2.f / 7));
  sum = multiply_add(sum, z, splat(2.f / 5));
  sum = multiply_add(sum, z, splat(2.f / 3));
  /* 2 artanh s = f − s·(f − z·sum), which keeps the digits of f = m − 1 */
  f4 log_m = f - s * (f - z * sum);
  f4 result = multiply_add(n, splat(0.693359375f), multiply_add(n, splat(-2.12194440e-4f), log_m));
  result = choose((i4)(x == 0), splat(-__builtin_inff()), result);
  result = choose((i4)(x < 0), splat(__builtin_nanf("")), result);
  i4 finite = (i4)(x < __builtin_inff());
  return choose(finite, result, x);
}

EXPORT f4 log1p4(f4 x) {
  f4 u = 1 + x;
  f4 result = log4(u) * (x / (u - 1));
  i4 small = (i4)(u == 1), infinite = (i4)(absolute(u) == __builtin_inff());
  result = choose(infinite | (i4)(u == 0), log4(u), result);
  return choose(small, x, result);
}

EXPORT f4 expm14(f4 x) {
  f4 u = exp4(x), less = u - 1;
  f4 result = less * (x / log4(u));
  i4 small = (i4)(u == 1), far = (i4)(less == -1) | (i4)(u == __builtin_inff());
  result = choose(far, less, result);
  return choose(small, x, result);
}

EXPORT f4 tanh4(f4 x) {
  f4 t = expm14(-2 * absolute(x));
  f4 result = with_sign_of(-t / (2 + t), x);
  return choose((i4)(x == x), result, x);
}

EXPORT f4 sigmoid4(f4 x) {
  f4 t = exp4(-absolute(x)), small = t / (1 + t);
  f4 result = choose((i4)(x < 0), small, 1 / (1 + t));
  return choose((i4)(x == x), result, x);
}

EXPORT f4 softplus4(f4 x) { return maximum(x, splat(0)) + log1p4(exp4(-absolute(x))); }
