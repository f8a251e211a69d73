/*
 * Products of matrices: C = A · B, each given by two strides, so that a transposed matrix is only another pair of them.
 *
 * Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", 2008: panels of A and B are copied into the
 * order in which the innermost loop reads them; that loop keeps a tile of C in registers. The tile is 2 × 16: eight
 * vectors, two of A and one of B fit the sixteen registers of SSE. 4 × 8 is as fast; with a larger one V8 spills (5 × 8 and
 * 6 × 8 run at half the speed).
 *
 * Images and codes are mostly zeros. A panel of A has two rows. Where both have a zero, nothing would be added to the tile,
 * so the copy leaves that column out and notes where the others were. The bits stay the same: see `tile_of`.
 */
#include "simd.h"

enum { ROWS = 2, COLUMNS = 16, VECTORS = COLUMNS / 4, DEPTH = 256, HEIGHT = 96 };

#define INLINE static inline __attribute__((always_inline))

static inline u32 least(u32 a, u32 b) { return a < b ? a : b; }

/* Two rows of A without the columns that are zero in both. */
typedef struct {
  u32 count;                 /* columns that are left, of `depth` */
  float values[DEPTH][ROWS];
  unsigned short at[DEPTH];  /* how many bytes behind the first row of B in a panel theirs begin */
} Left;

/*
 * A tile of C, + or =, the product of a panel of A and one of B [depth, COLUMNS]; only its first vectors.
 *
 * A column that is left out would add ±0 to sums that begin as +0. That changes no bit but the sign of a zero, and this sign
 * is + in the end: +0 is added to every first sum. 0 · ∞ and 0 · NaN are NaN: next to such numbers no column is left out.
 */
INLINE void tile_of(const Left *panel, const float *b, float *c, u32 c_rows, int add, const int vectors, const int whole) {
  f4 sums[ROWS][VECTORS];
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) sums[0][j] = sums[1][j] = splat(0);
  for (u32 p = 0; p < panel->count; p++) {
    const float *row = whole ? b + p * COLUMNS : (const float *)((const char *)b + panel->at[p]);
    f4 first = splat_at(&panel->values[p][0]), second = splat_at(&panel->values[p][1]);
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      f4 of = load(row + 4 * j);
      sums[0][j] = multiply_add(first, of, sums[0][j]);
      sums[1][j] = multiply_add(second, of, sums[1][j]);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < ROWS; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) {
      float *at = c + i * c_rows + 4 * j;
      store(at, sums[i][j] + (add ? load(at) : splat(0)));
    }
}

static void tile(const Left *panel, u32 depth, const float *b, float *c, u32 c_rows, int add) {
  if (panel->count == depth) tile_of(panel, b, c, c_rows, add, VECTORS, 1);
  else tile_of(panel, b, c, c_rows, add, VECTORS, 0);
}

/* A tile of which only `rows` × `columns` belong to C; `all` has room for the whole. */
static void edge(const Left *panel, const float *b, float *c, u32 c_rows, int add, u32 rows, u32 columns, float *all) {
  if (columns <= 8) tile_of(panel, b, all, COLUMNS, 0, 2, 0);
  else tile_of(panel, b, all, COLUMNS, 0, VECTORS, 0);
  for (u32 i = 0; i < rows; i++)
    for (u32 j = 0; j < columns; j++) {
      float value = all[i * COLUMNS + j];
      c[i * c_rows + j] = add ? c[i * c_rows + j] + value : value;
    }
}

/* Adds a column to a panel if it is not to be left out: half of a vector. Returns how many there are. */
INLINE u32 append(Left *panel, u32 count, f4 columns, const int half, u32 position, int skips) {
  unsigned long long column = ((l2)columns)[half];
  *(unsigned long long *)panel->values[count] = column;
  panel->at[count] = position * COLUMNS * sizeof(float);
  return count + (!skips || column != 0);
}

/* Copies [height, depth] of A into panels; the last one is filled up with zeros. */
static void pack_left(Left *panel, const float *a, u32 height, u32 depth, u32 a_rows, u32 a_columns, int skips) {
  for (u32 i = 0; i < height; i += ROWS, panel++) {
    const float *from = a + i * a_rows;
    int both = i + 1 < height;
    u32 p = 0, count = 0;
    if (both && a_columns == 1)
      for (; p + 4 <= depth; p += 4) {
        f4 first = load(from + p), second = load(from + a_rows + p);
        f4 low = __builtin_shufflevector(first, second, 0, 4, 1, 5);
        f4 high = __builtin_shufflevector(first, second, 2, 6, 3, 7);
        count = append(panel, count, low, 0, p, skips);
        count = append(panel, count, low, 1, p + 1, skips);
        count = append(panel, count, high, 0, p + 2, skips);
        count = append(panel, count, high, 1, p + 3, skips);
      }
    for (; p < depth; p++) {
      const float *column = from + p * a_columns;
      f4 two = {column[0], both ? column[a_rows] : 0, 0, 0};
      count = append(panel, count, two, 0, p, skips);
    }
    panel->count = count;
  }
}

/* Stores four numbers; returns the larger of `largest` and their bits without signs, in whose order ∞ and NaN are the last. */
static inline u4 put(float *to, f4 value, u4 largest) {
  store(to, value);
  return (u4)wasm_u32x4_max((v128_t)largest, (v128_t)((u4)value << 1));
}

/* Four vectors, rows become columns. */
static inline void transpose(f4 r[4]) {
  f4 t0 = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), t1 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  f4 t2 = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), t3 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(t0, t2, 0, 1, 4, 5);
  r[1] = __builtin_shufflevector(t0, t2, 2, 3, 6, 7);
  r[2] = __builtin_shufflevector(t1, t3, 0, 1, 4, 5);
  r[3] = __builtin_shufflevector(t1, t3, 2, 3, 6, 7);
}

/* The columns of C that are computed: those in the list, or without one as many as there are. */
typedef struct {
  u32 count;
  const u32 *list;
} Columns;

INLINE u32 column(Columns columns, u32 index) { return columns.list ? columns.list[index] : index; }

/* Finds the columns of `where` [rows, n] that are not 0 everywhere. Few zeros are not worth a list. */
static Columns find_columns(const float *where, u32 rows, u32 n, u32 *list) {
  u32 count = 0;
  for (u32 j = 0; j < n; j++) list[j] = 0;
  for (u32 i = 0; i < rows; i++, where += n)
    for (u32 j = 0; j < n; j++) list[j] |= where[j] != 0;
  for (u32 j = 0; j < n; j++)
    if (list[j]) list[count++] = j;
  return count > n - n / 4 ? (Columns){n, 0} : (Columns){count, list};
}

/* Moves the columns, which were computed next to each other, to where they belong, and sets C to 0 where `where` is. */
static void spread(float *c, u32 c_rows, const float *where, u32 rows, u32 n, Columns columns) {
  for (u32 i = 0; i < rows; i++, c += c_rows, where += n) {
    if (!columns.list) {
      for (u32 j = 0; j < n; j++) c[j] = where[j] != 0 ? c[j] : 0;
      continue;
    }
    for (u32 next = columns.count, j = n; j-- > 0;) {
      int is_there = next > 0 && columns.list[next - 1] == j;
      if (is_there) next--;
      c[j] = is_there && where[j] != 0 ? c[next] : 0;
    }
  }
}

/* Copies columns of B [depth, n] into panels, the last one filled up with zeros. Returns whether all numbers are finite. */
static int pack_right(float *to, const float *b, u32 depth, Columns columns, u32 b_rows, u32 b_columns) {
  u4 largest = {0, 0, 0, 0};
  for (u32 j = 0; j < columns.count; j += COLUMNS, to += depth * COLUMNS) {
    u32 there = least(COLUMNS, columns.count - j), packed = 0;
    if (there == COLUMNS && b_columns == 1 && !columns.list) {
      for (; packed < depth; packed++)
        for (u32 q = 0; q < COLUMNS; q += 4)
          largest = put(to + packed * COLUMNS + q, load(b + packed * b_rows + j + q), largest);
    } else if (there == COLUMNS && b_rows == 1) {
      packed = depth - depth % 4;
      for (u32 q = 0; q < COLUMNS; q += 4) {
        const float *r0 = b + column(columns, j + q) * b_columns, *r1 = b + column(columns, j + q + 1) * b_columns;
        const float *r2 = b + column(columns, j + q + 2) * b_columns, *r3 = b + column(columns, j + q + 3) * b_columns;
        for (u32 p = 0; p < packed; p += 4) {
          f4 four[4] = {load(r0 + p), load(r1 + p), load(r2 + p), load(r3 + p)};
          transpose(four);
#pragma clang loop unroll(full)
          for (u32 k = 0; k < 4; k++) largest = put(to + (p + k) * COLUMNS + q, four[k], largest);
        }
      }
    }
    for (; packed < depth; packed++) {
      float *row = to + packed * COLUMNS;
      for (u32 q = 0; q < COLUMNS; q++)
        row[q] = q < there ? b[packed * b_rows + column(columns, j + q) * b_columns] : 0;
      for (u32 q = 0; q < COLUMNS; q += 4) largest = put(row + q, load(row + q), largest);
    }
  }
  u4 infinity = (u4)splat(__builtin_inff()) << 1;
  return !wasm_v128_any_true((v128_t)(largest >= infinity));
}

/* What a product needs room for: a height of A, a tile, a depth of B, and then a list of columns. */
typedef struct {
  Left left[HEIGHT / ROWS];
  float tile[ROWS * COLUMNS];
  float right[];
} Work;

/* How many numbers `work` must have room for. */
EXPORT u32 product_work(u32 n) { return sizeof(Work) / sizeof(float) + DEPTH * (n + COLUMNS) + n; }

/*
 * C [m, n] = A [m, k] · B [k, n]; element (i, j) of A is a[i·a_rows + j·a_columns]. C's rows are c_rows apart.
 * With a matrix `where` [m, n], C is 0 where that is 0; columns in which it always is are not computed if they are many.
 */
EXPORT void product(u32 m, u32 n, u32 k, const float *a, u32 a_rows, u32 a_columns, const float *b, u32 b_rows,
                    u32 b_columns, float *c, u32 c_rows, const float *where, Work *work) {
  u32 *list = (u32 *)(work->right + DEPTH * (n + COLUMNS));
  Columns of_c = where ? find_columns(where, m, n, list) : (Columns){n, 0};
  for (u32 p = 0; p < k; p += DEPTH) {
    u32 depth = least(DEPTH, k - p);
    int skips = pack_right(work->right, b + p * b_rows, depth, of_c, b_rows, b_columns);
    for (u32 i = 0; i < m; i += HEIGHT) {
      u32 height = least(HEIGHT, m - i);
      pack_left(work->left, a + i * a_rows + p * a_columns, height, depth, a_rows, a_columns, skips);
      for (u32 j = 0; j < of_c.count; j += COLUMNS)
        for (u32 q = 0; q < height; q += ROWS) {
          u32 rows = least(ROWS, height - q), columns = least(COLUMNS, of_c.count - j);
          float *at = c + (i + q) * c_rows + j;
          const Left *left = work->left + q / ROWS;
          const float *right = work->right + j * depth;
          if (rows == ROWS && columns == COLUMNS) tile(left, depth, right, at, c_rows, p > 0);
          else edge(left, right, at, c_rows, p > 0, rows, columns, work->tile);
        }
    }
  }
  if (where) spread(c, c_rows, where, m, n, of_c);
}
