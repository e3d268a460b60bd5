#pragma once
#include <stddef.h>
#include <stdint.h>

// libjpeg reports fatal errors by longjmp and allocates with malloc. Neither may reach Swift: the jump must not
// cross its frames, and pixels must stay in locked memory. So this annex is the whole error boundary, and every
// picture-sized allocation is carved from a workspace that the caller owns.

typedef struct cjpg_decoder cjpg_decoder;
typedef struct cjpg_encoder cjpg_encoder;

typedef enum cjpg_status {
    CJPG_OK = 0,
    CJPG_CORRUPT,
    CJPG_UNSUPPORTED,
    // The workspace or the output buffer is too small for this picture.
    CJPG_TOO_LARGE,
} cjpg_status;

typedef struct cjpg_header {
    uint32_t width;
    uint32_t height;
    // What the workspace must hold beside some rows; 0 unless the picture comes in several scans.
    size_t coefficient_size;
} cjpg_header;

// A part of a picture in pixels; what was decoded is counted after scaling and has rows of 4 * width bytes.
typedef struct cjpg_part {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
} cjpg_part;

// `workspace` is aligned to 64 bytes and outlives the decoder. NULL when there is no memory.
cjpg_decoder *_Nullable cjpg_decoder_create(void *_Nonnull workspace, size_t size);
// Works in another block from the next header on.
void cjpg_decoder_move(cjpg_decoder *_Nonnull decoder, void *_Nonnull workspace, size_t size);
void cjpg_decoder_destroy(cjpg_decoder *_Nonnull decoder);

// Reads as far as the size of the picture; the next call continues with decoding.
// After a failure `header` holds the size as far as it was read.
cjpg_status cjpg_read_header(
    cjpg_decoder *_Nonnull decoder, const uint8_t *_Nonnull input, size_t input_size, cjpg_header *_Nonnull header);

// Decodes the part of the picture that `wanted` (in pixels of the whole picture) covers to R, G, B, 255 bytes,
// at 1/denominator (1, 2, 4 or 8) of its size. `part` may be larger than asked: libjpeg works in blocks.
// Follows cjpg_read_header on the same input. Missing Huffman tables are the standard ones (Motion JPEG).
cjpg_status cjpg_decode(
    cjpg_decoder *_Nonnull decoder, uint32_t denominator, cjpg_part wanted, uint8_t *_Nonnull output,
    size_t output_size, cjpg_part *_Nonnull part);

// What was wrong at the last failure, or for CJPG_UNSUPPORTED what the picture is; valid until the next call.
const char *_Nonnull cjpg_decoder_message(const cjpg_decoder *_Nonnull decoder);

cjpg_encoder *_Nullable cjpg_encoder_create(void *_Nonnull workspace, size_t size);
void cjpg_encoder_destroy(cjpg_encoder *_Nonnull encoder);

// Encodes planar Y'CbCr 4:2:0 (JFIF, full range). Planes have strides of `luma_stride` and half of it, and as many
// rows as height (half of it) rounded up to 16 (8). Writes the size of the file to `output_count`.
cjpg_status cjpg_encode(
    cjpg_encoder *_Nonnull encoder, const uint8_t *_Nonnull luma, const uint8_t *_Nonnull blue,
    const uint8_t *_Nonnull red, uint32_t width, uint32_t height, uint32_t luma_stride, int quality,
    uint8_t *_Nonnull output, size_t output_size, size_t *_Nonnull output_count);
