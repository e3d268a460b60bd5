#include "workspace.h"
#include <jerror.h>
#include <stdint.h>
#include <string.h>

enum { ALIGNMENT = 64 };

struct jvirt_sarray_control {
    JSAMPARRAY rows;
    JDIMENSION row_count;
};

struct jvirt_barray_control {
    JBLOCKARRAY rows;
    JDIMENSION row_count;
};

static cjpg_workspace *workspace_of(j_common_ptr codec) { return (cjpg_workspace *)codec->mem; }

// Every pool is the picture's: what the codec keeps longer was allocated before the workspace was attached.
static void *allocate(j_common_ptr codec, int pool, size_t size) {
    (void)pool;
    cjpg_workspace *workspace = workspace_of(codec);
    size_t rest = workspace->size - workspace->used;
    if (size > rest || (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT > rest) ERREXIT1(codec, JERR_OUT_OF_MEMORY, 0);
    void *block = workspace->start + workspace->used;
    workspace->used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return block;
}

static JSAMPARRAY allocate_samples(j_common_ptr codec, int pool, JDIMENSION per_row, JDIMENSION count) {
    size_t stride = ((size_t)per_row * sizeof(JSAMPLE) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (stride == 0 || count == 0 || stride > SIZE_MAX / count) ERREXIT1(codec, JERR_OUT_OF_MEMORY, 1);
    JSAMPARRAY rows = allocate(codec, pool, count * sizeof(JSAMPROW));
    JSAMPROW samples = allocate(codec, pool, stride * count);
    for (JDIMENSION row = 0; row < count; row++) rows[row] = samples + row * stride;
    return rows;
}

static JBLOCKARRAY allocate_blocks(j_common_ptr codec, int pool, JDIMENSION per_row, JDIMENSION count) {
    if (per_row == 0 || count == 0 || per_row > SIZE_MAX / sizeof(JBLOCK) / count)
        ERREXIT1(codec, JERR_OUT_OF_MEMORY, 2);
    JBLOCKARRAY rows = allocate(codec, pool, count * sizeof(JBLOCKROW));
    JBLOCKROW blocks = allocate(codec, pool, (size_t)per_row * count * sizeof(JBLOCK));
    for (JDIMENSION row = 0; row < count; row++) rows[row] = blocks + (size_t)row * per_row;
    return rows;
}

// "Virtual" arrays, which libjpeg would swap to temporary files, are real ones here or fail.
static jvirt_sarray_ptr request_samples(
    j_common_ptr codec, int pool, boolean zero, JDIMENSION per_row, JDIMENSION count, JDIMENSION max_access) {
    (void)max_access;
    jvirt_sarray_ptr array = allocate(codec, pool, sizeof *array);
    *array = (struct jvirt_sarray_control){allocate_samples(codec, pool, per_row, count), count};
    if (zero)
        for (JDIMENSION row = 0; row < count; row++) memset(array->rows[row], 0, per_row * sizeof(JSAMPLE));
    return array;
}

static jvirt_barray_ptr request_blocks(
    j_common_ptr codec, int pool, boolean zero, JDIMENSION per_row, JDIMENSION count, JDIMENSION max_access) {
    (void)max_access;
    jvirt_barray_ptr array = allocate(codec, pool, sizeof *array);
    *array = (struct jvirt_barray_control){allocate_blocks(codec, pool, per_row, count), count};
    if (zero) memset(array->rows[0], 0, (size_t)per_row * count * sizeof(JBLOCK));
    return array;
}

static void realize(j_common_ptr codec) { (void)codec; }

static JSAMPARRAY access_samples(
    j_common_ptr codec, jvirt_sarray_ptr array, JDIMENSION start, JDIMENSION count, boolean writable) {
    (void)writable;
    if (start > array->row_count || count > array->row_count - start) ERREXIT(codec, JERR_BAD_VIRTUAL_ACCESS);
    return array->rows + start;
}

static JBLOCKARRAY access_blocks(
    j_common_ptr codec, jvirt_barray_ptr array, JDIMENSION start, JDIMENSION count, boolean writable) {
    (void)writable;
    if (start > array->row_count || count > array->row_count - start) ERREXIT(codec, JERR_BAD_VIRTUAL_ACCESS);
    return array->rows + start;
}

static void free_pool(j_common_ptr codec, int pool) {
    (void)pool;
    workspace_of(codec)->used = 0;
}

static void self_destruct(j_common_ptr codec) { (void)codec; }

void cjpg_workspace_attach(cjpg_workspace *workspace, j_common_ptr codec, void *start, size_t size) {
    workspace->original = codec->mem;
    workspace->start = start;
    workspace->size = size;
    workspace->used = 0;
    workspace->manager = (struct jpeg_memory_mgr){
        .alloc_small = allocate,
        .alloc_large = allocate,
        .alloc_sarray = allocate_samples,
        .alloc_barray = allocate_blocks,
        .request_virt_sarray = request_samples,
        .request_virt_barray = request_blocks,
        .realize_virt_arrays = realize,
        .access_virt_sarray = access_samples,
        .access_virt_barray = access_blocks,
        .free_pool = free_pool,
        .self_destruct = self_destruct,
        .max_memory_to_use = (long)size,
        .max_alloc_chunk = 1000000000L,
    };
    codec->mem = &workspace->manager;
}

void cjpg_workspace_detach(cjpg_workspace *workspace, j_common_ptr codec) { codec->mem = workspace->original; }
