/*
 * Products of matrices: C = A · B, each given by two strides, so that a transposed matrix is only another pair of them.
 *
 * Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", 2008: panels of A and B are copied into the
 * order in which the innermost loop reads them; that loop keeps a tile of C in registers. The tile is 4 × 8: eight
 * vectors, two of B and one of A fit the sixteen registers of SSE; with a larger one V8 spills (5 × 8 and 6 × 8 run at half
 * the speed).
 */
#include "simd.h"

enum { ROWS = 4, COLUMNS = 8, DEPTH = 256, HEIGHT = 96 };

static inline u32 least(u32 a, u32 b) { return a < b ? a : b; }

/* A tile of C, + or =, the product of a panel of A [depth, ROWS] and one of B [depth, COLUMNS]. */
static void tile(u32 depth, const float *a, const float *b, float *c, u32 c_rows, int add) {
  f4 left[ROWS], right[ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < ROWS; i++) left[i] = right[i] = splat(0);
  for (; depth > 0; depth--, a += ROWS, b += COLUMNS) {
    f4 b0 = load(b), b1 = load(b + 4);
#pragma clang loop unroll(full)
    for (int i = 0; i < ROWS; i++) {
      f4 value = splat_at(a + i);
      left[i] = multiply_add(value, b0, left[i]);
      right[i] = multiply_add(value, b1, right[i]);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < ROWS; i++) {
    float *row = c + i * c_rows;
    store(row, add ? left[i] + load(row) : left[i]);
    store(row + 4, add ? right[i] + load(row + 4) : right[i]);
  }
}

/* A tile of which only `rows` × `columns` belong to C. */
static void edge(u32 depth, const float *a, const float *b, float *c, u32 c_rows, int add, u32 rows, u32 columns) {
  float whole[ROWS * COLUMNS];
  tile(depth, a, b, whole, COLUMNS, 0);
  for (u32 i = 0; i < rows; i++)
    for (u32 j = 0; j < columns; j++) {
      float value = whole[i * COLUMNS + j];
      c[i * c_rows + j] = add ? c[i * c_rows + j] + value : value;
    }
}

/* Four vectors, rows become columns. */
static inline void transpose(f4 r0, f4 r1, f4 r2, f4 r3, float *to, u32 step) {
  f4 t0 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), t1 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
  f4 t2 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), t3 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
  store(to, __builtin_shufflevector(t0, t2, 0, 1, 4, 5));
  store(to + step, __builtin_shufflevector(t0, t2, 2, 3, 6, 7));
  store(to + 2 * step, __builtin_shufflevector(t1, t3, 0, 1, 4, 5));
  store(to + 3 * step, __builtin_shufflevector(t1, t3, 2, 3, 6, 7));
}

/*
 * Copies a matrix [depth, width], whose element (p, i) is from[p·depth_stride + i·width_stride], into panels of `panel`
 * columns, each [depth, panel] in one piece; zeros fill the last one.
 */
static inline __attribute__((always_inline)) void pack(
    float *to, const float *from, u32 depth, u32 width, u32 depth_stride, u32 width_stride, const u32 panel) {
  for (u32 i = 0; i < width; i += panel, to += depth * panel) {
    const float *s = from + i * width_stride;
    u32 there = least(panel, width - i), p = 0;
    if (there == panel && width_stride == 1) {
      for (; p < depth; p++)
        for (u32 q = 0; q < panel; q += 4) store(to + p * panel + q, load(s + p * depth_stride + q));
    } else if (there == panel && depth_stride == 1) {
      for (; p + 4 <= depth; p += 4)
        for (u32 q = 0; q < panel; q += 4) {
          const float *r = s + q * width_stride + p;
          transpose(load(r), load(r + width_stride), load(r + 2 * width_stride), load(r + 3 * width_stride),
                    to + p * panel + q, panel);
        }
    }
    for (; p < depth; p++)
      for (u32 q = 0; q < panel; q++)
        to[p * panel + q] = q < there ? s[p * depth_stride + q * width_stride] : 0;
  }
}

/* How many numbers `work` must have room for. */
EXPORT u32 product_work(u32 n) { return DEPTH * (HEIGHT + ROWS + n + COLUMNS); }

/* C [m, n] = A [m, k] · B [k, n]; element (i, j) of A is a[i·a_rows + j·a_columns]. C's rows are c_rows apart. */
EXPORT void product(u32 m, u32 n, u32 k, const float *a, u32 a_rows, u32 a_columns, const float *b, u32 b_rows,
                    u32 b_columns, float *c, u32 c_rows, float *work) {
  float *pa = work, *pb = work + DEPTH * (HEIGHT + ROWS);
  for (u32 p = 0; p < k; p += DEPTH) {
    u32 depth = least(DEPTH, k - p);
    pack(pb, b + p * b_rows, depth, n, b_rows, b_columns, COLUMNS);
    for (u32 i = 0; i < m; i += HEIGHT) {
      u32 height = least(HEIGHT, m - i);
      pack(pa, a + i * a_rows + p * a_columns, depth, height, a_columns, a_rows, ROWS);
      for (u32 j = 0; j < n; j += COLUMNS)
        for (u32 q = 0; q < height; q += ROWS) {
          u32 rows = least(ROWS, height - q), columns = least(COLUMNS, n - j);
          float *at = c + (i + q) * c_rows + j;
          if (rows == ROWS && columns == COLUMNS) tile(depth, pa + q * depth, pb + j * depth, at, c_rows, p > 0);
          else edge(depth, pa + q * depth, pb + j * depth, at, c_rows, p > 0, rows, columns);
        }
    }
  }
}
