/* Kernels on whole arrays: Adam, and whatever moves numbers from one place to another. */
#include "simd.h"

/*
 * A step of Adam in place: w ← w − size · m / (√v + ε̂); the bias corrections are in size and ε̂ (see adam.ts).
 * β₁ and β₂ as the float32 numbers that the schedule takes them for. `adam`: ε̂, size, β₁, β₂.
 */
EXPORT void adam(u32 count, float *w, const float *gradient, float *m, float *v, const float *adam) {
  const float epsilon = adam[0], size = adam[1], b1 = adam[2], b2 = adam[3];
  for (u32 i = 0; i < count; i += 4) { /* arrays are padded to whole vectors */
    f4 g = load(gradient + i), m0 = load(m + i), v0 = load(v + i);
    f4 m1 = m0 + (g - m0) * (1 - b1);
    f4 v1 = v0 + (g * g - v0) * (1 - b2);
    store(m + i, m1);
    store(v + i, v1);
    f4 root = (f4)wasm_f32x4_sqrt((v128_t)v1);
    store(w + i, load(w + i) - size * m1 / (root + epsilon));
  }
}

/* Copies an array; both are padded to whole vectors. */
EXPORT void copy(float *to, const float *from, u32 count) {
  for (u32 i = 0; i < count; i += 4) store(to + i, load(from + i));
}

EXPORT void gather_floats(float *to, const float *from, const u32 *rows, u32 count, u32 dim, float scale) {
  for (u32 i = 0; i < count; i++, to += dim) {
    const float *row = from + rows[i] * dim;
    u32 j = 0;
    for (; j + 4 <= dim; j += 4) store(to + j, load(row + j) * scale);
    for (; j < dim; j++) to[j] = row[j] * scale;
  }
}

EXPORT void gather_bytes(float *to, const unsigned char *from, const u32 *rows, u32 count, u32 dim, float scale) {
  for (u32 i = 0; i < count; i++, to += dim) {
    const unsigned char *row = from + rows[i] * dim;
    u32 j = 0;
    for (; j + 8 <= dim; j += 8) {
      v128_t wide = wasm_u16x8_load8x8(row + j);
      store(to + j, (f4)wasm_f32x4_convert_u32x4(wasm_u32x4_extend_low_u16x8(wide)) * scale);
      store(to + j + 4, (f4)wasm_f32x4_convert_u32x4(wasm_u32x4_extend_high_u16x8(wide)) * scale);
    }
    for (; j < dim; j++) to[j] = row[j] * scale;
  }
}

/* Copies an array of up to eight axes. `axes`: for each axis its length, and its stride in `to` and in `from`. */
EXPORT void arrange(float *to, const float *from, u32 rank, const int (*axes)[3]) {
  if (rank == 0) {
    *to = *from;
    return;
  }
  int length = axes[0][0], to_stride = axes[0][1], from_stride = axes[0][2];
  if (rank > 1) {
    for (int i = 0; i < length; i++) arrange(to + i * to_stride, from + i * from_stride, rank - 1, axes + 1);
    return;
  }
  for (int i = 0; i < length; i++) to[i * to_stride] = from[i * from_stride];
}

EXPORT void fill(float *to, u32 count, float value) {
  for (u32 i = 0; i < count; i++) to[i] = value;
}

/* to [outer, count, inner] = from [outer, length, inner] at the indices (whole numbers as floats); 0 where there is none. */
EXPORT void gather(float *to, const float *from, const float *indices, u32 outer, u32 length, u32 count, u32 inner) {
  for (u32 o = 0; o < outer; o++, from += length * inner)
    for (u32 i = 0; i < count; i++)
      for (u32 k = 0, at = (u32)(int)indices[i]; k < inner; k++) *to++ = at < length ? from[at * inner + k] : 0;
}

/* to [segments, inner] = for each segment the sum of the rows of from [count, inner] that belong to it. */
EXPORT void segment_sum(float *to, const float *from, const float *segment_of, u32 count, u32 segments, u32 inner) {
  fill(to, segments * inner, 0);
  for (u32 i = 0; i < count; i++, from += inner) {
    u32 at = (u32)(int)segment_of[i];
    if (at < segments)
      for (u32 k = 0; k < inner; k++) to[at * inner + k] += from[k];
  }
}

/* The sums of the first `count` columns of a matrix [rows, columns], row after row. */
EXPORT void column_sums(float *to, const float *from, u32 rows, u32 columns, u32 count) {
  u32 j = 0;
  for (; j + 16 <= count; j += 16) {
    f4 sums[4] = {splat(0), splat(0), splat(0), splat(0)};
    for (u32 i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (u32 k = 0; k < 4; k++) sums[k] += load(from + i * columns + j + 4 * k);
#pragma clang loop unroll(full)
    for (u32 k = 0; k < 4; k++) store(to + j + 4 * k, sums[k]);
  }
  for (; j < count; j++) {
    float sum = 0;
    for (u32 i = 0; i < rows; i++) sum += from[i * columns + j];
    to[j] = sum;
  }
}

/* Running sums along the last axis: of all before and with (or, exclusive, before) each; reversed from the end. */
EXPORT void running_sum(float *to, const float *from, u32 rows, u32 columns, int exclusive, int reverse) {
  for (u32 i = 0; i < rows; i++, to += columns, from += columns) {
    float sum = 0;
    for (u32 k = 0; k < columns; k++) {
      u32 j = reverse ? columns - 1 - k : k;
      float next = sum + from[j];
      to[j] = exclusive ? sum : next;
      sum = next;
    }
  }
}

/* Whether (value, index) comes after another one: smaller, or as large and further right. */
static inline int after(float value, float index, float other, float other_index) {
  return value < other || (value == other && index > other_index);
}

/* Lets the entry at `at` sink in a heap whose root comes after all others. */
static void sink(float *values, float *indices, u32 at, u32 count) {
  float value = values[at], index = indices[at];
  for (u32 child; (child = 2 * at + 1) < count; at = child) {
    if (child + 1 < count && after(values[child + 1], indices[child + 1], values[child], indices[child])) child++;
    if (!after(values[child], indices[child], value, index)) break;
    values[at] = values[child];
    indices[at] = indices[child];
  }
  values[at] = value;
  indices[at] = index;
}

/* The k largest numbers of each row, the largest first; of equal ones the leftmost. A heap of k, sorted in the end. */
EXPORT void top_k(float *values, float *indices, const float *from, u32 rows, u32 columns, u32 k) {
  for (u32 i = 0; i < rows; i++, values += k, indices += k, from += columns) {
    for (u32 j = 0; j < k; j++) {
      values[j] = from[j];
      indices[j] = (float)j;
    }
    for (u32 j = k; j-- > 0;) sink(values, indices, j, k);
    for (u32 j = k; j < columns && k > 0; j++)
      if (from[j] > values[0]) {
        values[0] = from[j];
        indices[0] = (float)j;
        sink(values, indices, 0, k);
      }
    for (u32 last = k; last-- > 1;) {
      float value = values[0], index = indices[0];
      values[0] = values[last];
      indices[0] = indices[last];
      values[last] = value;
      indices[last] = index;
      sink(values, indices, 0, last);
    }
  }
}

extern unsigned char __heap_base;
EXPORT u32 heap_base(void) { return (u32)&__heap_base; }
