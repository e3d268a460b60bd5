#pragma once

// libv4lconvert for fixed-size pixel formats only, cut off from the device: it would otherwise send ioctls of its
// own, keep controls in shared memory and start helper processes. No call allocates but the first.

#include <stddef.h>
#include <stdint.h>

typedef struct cvc_converter cvc_converter;

// Bytes of one frame, and of one row of its first plane, without padding; 0 for a format that is not converted.
size_t cvc_source_size(uint32_t fourcc, uint32_t width, uint32_t height);
size_t cvc_row_size(uint32_t fourcc, uint32_t width);

// Converts frames of an even width and height to planar YUV 4:2:0; NULL when it cannot or memory is short.
cvc_converter *_Nullable cvc_create(uint32_t fourcc, uint32_t width, uint32_t height);
void cvc_destroy(cvc_converter *_Nonnull converter);

// Writes width*height*3/2 bytes of NV12 to `output`, by way of as many in `scratch`.
// `source` holds at least `cvc_source_size` bytes. Returns 0 or -errno.
int cvc_convert(cvc_converter *_Nonnull converter, const uint8_t *_Nonnull source, uint8_t *_Nonnull scratch,
                uint8_t *_Nonnull output);
