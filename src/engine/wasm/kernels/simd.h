/* What all kernels share: four float32 numbers at once. */
#pragma once
#include <wasm_simd128.h>

#define EXPORT __attribute__((visibility("default")))

typedef unsigned int u32;
typedef float f4 __attribute__((vector_size(16)));
typedef int i4 __attribute__((vector_size(16)));
typedef u32 u4 __attribute__((vector_size(16)));
typedef unsigned long long l2 __attribute__((vector_size(16)));

static inline f4 load(const float *from) { return (f4)wasm_v128_load(from); }
static inline void store(float *to, f4 value) { wasm_v128_store(to, (v128_t)value); }
static inline f4 splat(float value) { return (f4){value, value, value, value}; }
static inline f4 splat_at(const float *from) { return (f4)wasm_v128_load32_splat(from); }

/* a·b + c: rounded once where the processor's own instruction may be used, else twice. */
#ifdef __wasm_relaxed_simd__
static inline f4 multiply_add(f4 a, f4 b, f4 c) { return __builtin_wasm_relaxed_madd_f32x4(a, b, c); }
#else
static inline f4 multiply_add(f4 a, f4 b, f4 c) { return a * b + c; }
#endif

/* yes where the mask is all ones, no where it is zero */
static inline f4 choose(i4 mask, f4 yes, f4 no) { return (f4)(((i4)yes & mask) | ((i4)no & ~mask)); }
