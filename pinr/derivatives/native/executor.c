/* Runs a network as a list of operations on one block of points after the other, so that what passes from layer to
   layer stays in the cache. Printed after the kernels, which know the algebra; here nothing does. */

#ifdef __linux__
#include <sys/mman.h>
#endif

typedef void (*Gemm)(const char *, const char *, const int *, const int *, const int *, const T *, const T *,
                     const int *, const T *, const int *, const T *, T *, const int *);

typedef struct {
  int64_t kind, a, b, c, g, h, kernel, tensor, rows, inputs, outputs, offset, flags;
} Operation;

enum { WORK, SAVED };
typedef struct {
  int64_t place, offset, width, channels;
} Buffer;

enum { ACTIVATE, LINEAR, COMBINE, SCALE, MULTIPLY, INSERT, STORE,
       FETCH, LINEAR_INPUT, LINEAR_WEIGHT, ACTIVATE_BACK, SCALE_BACK, MULTIPLY_BACK, EXTRACT, EXPAND, EXPAND_BACK,
       SLOPE, SLOPE_BACK, CURVE, CURVE_BACK };

typedef struct {
  T *start;
  int64_t stride; /* from a point to the next */
  double scale;
} PointRows;

typedef struct {
  Gemm gemm;
  int64_t points, block, threads, work, operations, weights, sums, tensor_count, saved_count;
  const Operation *program;
  const Buffer *buffers;
  T *const *values;        /* of sources, (N, width) */
  T *const *rows;          /* of sources, (living channels − 1, width) */
  T *const *value_sums;    /* gradients of the values of sources */
  T *const *tensors;       /* weights, biases and factors */
  const T *const *point_weights;
  const int64_t *sum_offsets; /* where the gradient of a tensor, or of a source's rows, starts in the sums */
  T *saved, *output, *workspace, *partial_sums;
  const PointRows *point_rows; /* by tensor: where every point puts its own gradient, in place of the sums; or null */
} Task;

static void product(const Task *task, char ta, char tb, int64_t m, int64_t n, int64_t k, const T *a, int64_t lda,
                    const T *b, int64_t ldb, T beta, T *c, int64_t ldc) {
  const int M = (int)m, N = (int)n, K = (int)k, LA = (int)lda, LB = (int)ldb, LC = (int)ldc;
  const T one = 1;
  task->gemm(&ta, &tb, &M, &N, &K, &one, a, &LA, b, &LB, &beta, c, &LC);
}

/* Every point's own Σ_k z_k ⊗ a_k, for weights (outputs, inputs), or transposed; and z_0 for the bias. */
static void add_outer(const Task *task, const Operation *o, int64_t first, int64_t count, const T *a, const T *z) {
  const PointRows *target = &task->point_rows[o->tensor];
  const int transposed = (o->flags & 32) != 0;
  const int64_t m = transposed ? o->inputs : o->outputs, n = transposed ? o->outputs : o->inputs;
  const T *left = transposed ? a : z, *right = transposed ? z : a;
  if (target->start) {
    const T scale = (T)target->scale;
    for (int64_t p = 0; p < count; p++) {
      T *row = target->start + (first + p) * target->stride;
      for (int64_t k = 0; k < o->rows; k++) {
        const T *l = left + (k * count + p) * m, *r = right + (k * count + p) * n;
        for (int64_t i = 0; i < m; i++) {
          const T factor = scale * l[i];
          _Pragma("omp simd")
          for (int64_t j = 0; j < n; j++) row[i * n + j] += factor * r[j];
        }
      }
    }
  }
  if (o->flags & 2 && (++target)->start) {
    const T scale = (T)target->scale;
    for (int64_t p = 0; p < count; p++)
      for (int64_t j = 0; j < o->outputs; j++)
        target->start[(first + p) * target->stride + j] += scale * z[p * o->outputs + j];
  }
}

static T *located(const Task *task, int64_t number, int64_t first, int64_t count, T *work) {
  const Buffer *buffer = &task->buffers[number];
  if (buffer->place == SAVED) return task->saved + buffer->offset * task->points + buffer->channels * buffer->width * first;
  return work + buffer->offset * task->block;
}

static void run(const Task *task, const Operation *o, int64_t first, int64_t count, T *work, T *sums) {
  const int64_t rows = o->rows * count;
  T *a = o->a < 0 ? 0 : located(task, o->a, first, count, work);
  T *b = o->b < 0 ? 0 : located(task, o->b, first, count, work);
  T *c = o->c < 0 ? 0 : located(task, o->c, first, count, work);
  T *g = o->g < 0 ? 0 : located(task, o->g, first, count, work);
  if ((o->kind == LINEAR || o->kind == LINEAR_WEIGHT) && o->offset >= 0) /* of a source */
    a = task->values[o->offset] + first * o->inputs;
  const T *weights[MOST_POINT_WEIGHTS];
  Call call = {count, o->outputs, 0, 0, 0, 0, 0, 0, c, 0, 0, weights};
  for (int64_t i = 0; i < task->weights; i++) weights[i] = task->point_weights[i] + first;
  const int adds = o->flags & 1; /* to what is there, which may be anything if not */
  const int transposed = o->flags & 32;
  switch (o->kind) {
    case ACTIVATE:
    case ACTIVATE_BACK:
    case CURVE:
    case CURVE_BACK:
      call.g = g;
      call.h = o->h < 0 ? 0 : located(task, o->h, first, count, work);
      if (o->offset >= 0) { /* of a source, or of what has been mapped of it */
        call.z = a ? a : task->values[o->offset] + first * o->outputs;
        call.zt = task->rows[o->offset];
        call.channel_stride = o->outputs;
        if (g) call.sums = sums + task->sum_offsets[task->tensor_count + o->offset];
        if (g && !a) call.out = task->value_sums[o->offset] + first * o->outputs;
      } else {
        call.z = a;
        call.channel_stride = count * o->outputs;
        call.zt = a + call.channel_stride;
        call.row_stride = o->outputs;
      }
      if (o->kind == CURVE || o->kind == CURVE_BACK) { /* h: cotangent of the factor, a buffer as the factor is, or sums */
        call.factor = b ? b : task->tensors[o->tensor];
        if (g && !b) call.h = sums + task->sum_offsets[o->tensor];
      }
      kernels[o->kernel](&call);
      break;
    case LINEAR:
      if (transposed)
        product(task, 'N', 'N', o->outputs, rows, o->inputs, task->tensors[o->tensor], o->outputs, a, o->inputs, 0, c,
                o->outputs);
      else product(task, 'T', 'N', o->outputs, rows, o->inputs, task->tensors[o->tensor], o->inputs, a, o->inputs, 0, c,
              o->outputs);
      if (o->flags & 2) {
        const T *bias = task->tensors[o->tensor + 1];
        for (int64_t p = 0; p < count; p++) {
          _Pragma("omp simd")
          for (int64_t j = 0; j < o->outputs; j++) c[p * o->outputs + j] += bias[j];
        }
      }
      break;
    case LINEAR_INPUT: /* c = cotangent of the result, a = that of the operand */
      if (transposed)
        product(task, 'T', 'N', o->inputs, rows, o->outputs, task->tensors[o->tensor], o->outputs, c, o->outputs,
                (T)adds, a, o->inputs);
      else product(task, 'N', 'N', o->inputs, rows, o->outputs, task->tensors[o->tensor], o->inputs, c, o->outputs, (T)adds, a,
              o->inputs);
      break;
    case LINEAR_WEIGHT:
      if (task->point_rows) {
        add_outer(task, o, first, count, a, c);
        break;
      }
      if (transposed)
        product(task, 'N', 'T', o->outputs, o->inputs, rows, c, o->outputs, a, o->inputs, 1,
                sums + task->sum_offsets[o->tensor], o->outputs);
      else product(task, 'N', 'T', o->inputs, o->outputs, rows, a, o->inputs, c, o->outputs, 1,
              sums + task->sum_offsets[o->tensor], o->inputs);
      if (o->flags & 2) {
        T *bias = sums + task->sum_offsets[o->tensor + 1];
        for (int64_t p = 0; p < count; p++) {
          _Pragma("omp simd")
          for (int64_t j = 0; j < o->outputs; j++) bias[j] += c[p * o->outputs + j];
        }
      }
      break;
    case COMBINE: { /* c = ±a (± b, or added to c) */
      const int64_t n = rows * o->outputs;
      const T s = (o->flags & 4) ? -1 : 1, t = (o->flags & 8) ? -1 : 1;
      if (b) {
        _Pragma("omp simd")
        for (int64_t i = 0; i < n; i++) c[i] = s * a[i] + t * b[i];
      } else if (adds) {
        _Pragma("omp simd")
        for (int64_t i = 0; i < n; i++) c[i] += s * a[i];
      } else {
        _Pragma("omp simd")
        for (int64_t i = 0; i < n; i++) c[i] = s * a[i];
      }
      break;
    }
    case SCALE: /* by one number, or one for each unit */
    case SCALE_BACK: {
      const T *factor = task->tensors[o->tensor];
      const int64_t step = (o->flags & 16) ? 1 : 0;
      const int forward = o->kind == SCALE;
      const PointRows *target = forward || !task->point_rows ? 0 : &task->point_rows[o->tensor];
      T *sum = forward || target ? 0 : sums + task->sum_offsets[o->tensor];
      for (int64_t p = 0; p < rows; p++) {
        T scale = 1;
        if (target) {
          sum = target->start ? target->start + (first + p % count) * target->stride : 0;
          scale = (T)target->scale;
        }
        for (int64_t j = 0; j < o->outputs; j++) {
          const int64_t i = p * o->outputs + j;
          if (sum) sum[step * j] += scale * b[i] * a[i]; /* a: operand, b: cotangent of the result */
          if (forward) c[i] = factor[step * j] * a[i];
          else c[i] = (adds ? c[i] : 0) + factor[step * j] * b[i];
        }
      }
      break;
    }
    case MULTIPLY:
    case MULTIPLY_BACK:
      call.z = a;
      call.zt = b;
      if (o->kind == MULTIPLY_BACK) {
        call.g = g;
        call.h = located(task, o->h, first, count, work);
      }
      kernels[o->kernel](&call);
      break;
    case SLOPE:
    case SLOPE_BACK:
      call.z = a;
      call.factor = b ? b : task->tensors[o->tensor];
      if (o->kind == SLOPE_BACK) { /* c: cotangent of the operand; that of the factor takes the place of the result's */
        call.g = g;
        call.sums = b ? g : sums + task->sum_offsets[o->tensor];
        call.h = located(task, o->h, first, count, work);
      }
      kernels[o->kernel](&call);
      break;
    case INSERT: /* a becomes columns of c */
      for (int64_t p = 0; p < rows; p++) memcpy(c + p * o->outputs + o->offset, a + p * o->inputs, sizeof(T) * o->inputs);
      break;
    case EXTRACT: /* columns of c become a */
      for (int64_t p = 0; p < rows; p++)
        for (int64_t j = 0; j < o->inputs; j++)
          a[p * o->inputs + j] = (adds ? a[p * o->inputs + j] : 0) + c[p * o->outputs + o->offset + j];
      break;
    case EXPAND:
    case EXPAND_BACK: {
      const int64_t n = o->outputs, forward = o->kind == EXPAND;
      const T *row = task->rows[o->offset];
      T *sum = forward ? 0 : sums + task->sum_offsets[task->tensor_count + o->offset];
      if (forward) memcpy(c, task->values[o->offset] + first * n, sizeof(T) * count * n);
      else memcpy(task->value_sums[o->offset] + first * n, a, sizeof(T) * count * n);
      for (int64_t k = 1; k < o->rows; k++) {
        const int64_t living = living_rows[k];
        for (int64_t p = 0; p < count; p++)
          for (int64_t j = 0; j < n; j++) {
            const int64_t i = (k * count + p) * n + j;
            if (forward) c[i] = living < 0 ? 0 : row[living * n + j];
            else if (living >= 0) sum[living * n + j] += a[i];
          }
      }
      break;
    }
    case STORE:
    case FETCH:
      for (int64_t k = 0; k < o->rows; k++) {
        T *outside = task->output + (k * task->points + first) * o->outputs, *inside = a + k * count * o->outputs;
        if (o->kind == STORE) memcpy(outside, inside, sizeof(T) * count * o->outputs);
        else memcpy(inside, outside, sizeof(T) * count * o->outputs);
      }
      break;
  }
}

/* The C library asks the system anew for memory of 32 MB and more each time; with pages of 4 KB, each of which the system
   clears in an interrupt of its own, that cost a fifth of a step. */
static void ask_for_large_pages(T *start, int64_t count) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  const uintptr_t page = 65536, first = ((uintptr_t)start + page - 1) / page * page;
  const uintptr_t end = (uintptr_t)(start + count) / page * page;
  if (sizeof(T) * count >= (32u << 20)) (void)madvise((void *)first, end - first, MADV_HUGEPAGE); /* advice: may fail */
#else
  (void)start, (void)count;
#endif
}

/* Blocks are dealt out to threads in a fixed way and their sums added in a fixed order: results repeat bit by bit. */
void execute(const Task *task) {
  const int64_t blocks = (task->points + task->block - 1) / task->block;
  ask_for_large_pages(task->saved, task->saved_count);
  _Pragma("omp parallel for num_threads(task->threads) schedule(static, 1) if (task->threads > 1)")
  for (int64_t thread = 0; thread < task->threads; thread++) {
    T *work = task->workspace + thread * task->work * task->block;
    T *sums = task->partial_sums + thread * task->sums;
    for (int64_t number = thread; number < blocks; number += task->threads) {
      const int64_t first = number * task->block;
      const int64_t left = task->points - first, count = left < task->block ? left : task->block;
      for (int64_t i = 0; i < task->operations; i++) run(task, &task->program[i], first, count, work, sums);
    }
  }
}
