#include "cjpeg.h"
#include "workspace.h"
#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>

// A picture of more scans costs time out of proportion to its size.
enum { MOST_SCANS = 64 };

struct cjpg_decoder {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    cjpg_workspace workspace;
    jmp_buf escape;
    cjpg_status status;
    char message[JMSG_LENGTH_MAX];
};

static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};

static void fail(j_common_ptr info) {
    cjpg_decoder *decoder = info->client_data;
    info->err->format_message(info, decoder->message);
    switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW: decoder->status = CJPG_TOO_LARGE; break;
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED: decoder->status = CJPG_UNSUPPORTED; break;
    default: decoder->status = CJPG_CORRUPT;
    }
    longjmp(decoder->escape, 1);
}

// A warning after which part of the picture is invented ends the decoding; a harmless one is counted by nobody.
static void warn(j_common_ptr info, int level) {
    if (level >= 0) return;
    switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION: fail(info);
    }
}

static void limit_scans(j_common_ptr info) {
    if (((j_decompress_ptr)info)->input_scan_number > MOST_SCANS) ERREXIT1(info, JERR_WIDTH_OVERFLOW, 0);
}

static void start_input(j_decompress_ptr info) { (void)info; }

// Past the end there is an end marker: a picture that needs more data then warns and fails.
static boolean fill_input(j_decompress_ptr info) {
    info->src->next_input_byte = end_of_image;
    info->src->bytes_in_buffer = sizeof end_of_image;
    return TRUE;
}

static void skip_input(j_decompress_ptr info, long count) {
    if (count <= 0) return;
    if ((size_t)count > info->src->bytes_in_buffer) {
        fill_input(info);
        return;
    }
    info->src->next_input_byte += count;
    info->src->bytes_in_buffer -= (size_t)count;
}

static void end_input(j_decompress_ptr info) { (void)info; }

cjpg_decoder *cjpg_decoder_create(void *workspace, size_t size) {
    cjpg_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) return NULL;
    decoder->info.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = fail;
    decoder->errors.emit_message = warn;
    decoder->info.client_data = decoder;
    if (setjmp(decoder->escape)) {
        free(decoder);
        return NULL;
    }
    jpeg_create_decompress(&decoder->info);
    cjpg_workspace_attach(&decoder->workspace, (j_common_ptr)&decoder->info, workspace, size);
    decoder->progress.progress_monitor = limit_scans;
    decoder->info.progress = &decoder->progress;
    decoder->source = (struct jpeg_source_mgr){
        .init_source = start_input,
        .fill_input_buffer = fill_input,
        .skip_input_data = skip_input,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = end_input,
    };
    decoder->info.src = &decoder->source;
    return decoder;
}

void cjpg_decoder_destroy(cjpg_decoder *decoder) {
    cjpg_workspace_detach(&decoder->workspace, (j_common_ptr)&decoder->info);
    jpeg_destroy_decompress(&decoder->info);
    free(decoder);
}

// Runs after a jump: the manager may be libjpeg's own at that moment.
static cjpg_status give_up(cjpg_decoder *decoder) {
    decoder->info.mem = &decoder->workspace.manager;
    jpeg_abort_decompress(&decoder->info);
    return decoder->status;
}

cjpg_status cjpg_read_header(cjpg_decoder *decoder, const uint8_t *input, size_t input_size, cjpg_header *header) {
    if (setjmp(decoder->escape)) {
        *header = (cjpg_header){decoder->info.image_width, decoder->info.image_height};
        return give_up(decoder);
    }
    jpeg_abort_decompress(&decoder->info);
    decoder->info.image_width = decoder->info.image_height = 0;
    decoder->source.next_input_byte = input;
    decoder->source.bytes_in_buffer = input_size;
    jpeg_read_header(&decoder->info, TRUE);
    if (decoder->info.jpeg_color_space == JCS_CMYK || decoder->info.jpeg_color_space == JCS_YCCK)
        ERREXIT(&decoder->info, JERR_CONVERSION_NOTIMPL);
    *header = (cjpg_header){decoder->info.image_width, decoder->info.image_height};
    return CJPG_OK;
}

static uint32_t clip(uint32_t value, uint32_t limit) { return value < limit ? value : limit; }

cjpg_status cjpg_decode(
    cjpg_decoder *decoder, uint32_t denominator, cjpg_part wanted, uint8_t *output, size_t output_size,
    cjpg_part *part) {
    struct jpeg_decompress_struct *info = &decoder->info;
    if (setjmp(decoder->escape)) return give_up(decoder);
    info->out_color_space = JCS_EXT_RGBX;
    info->scale_num = 1;
    info->scale_denom = denominator;
    info->dct_method = JDCT_ISLOW;
    // The merged upsampler: chroma is repeated, as every camera driver's own converter does.
    info->do_fancy_upsampling = FALSE;
    jpeg_start_decompress(info);

    JDIMENSION left = clip(wanted.x / denominator, info->output_width - 1);
    JDIMENSION right = clip((wanted.x + wanted.width + denominator - 1) / denominator, info->output_width);
    JDIMENSION top = clip(wanted.y / denominator, info->output_height - 1);
    JDIMENSION bottom = clip((wanted.y + wanted.height + denominator - 1) / denominator, info->output_height);
    JDIMENSION width = right > left ? right - left : 1;
    JDIMENSION height = bottom > top ? bottom - top : 1;
    if (width < info->output_width) jpeg_crop_scanline(info, &left, &width);
    if ((size_t)width * height > output_size / 4) ERREXIT1(info, JERR_OUT_OF_MEMORY, 3);
    *part = (cjpg_part){left, top, width, height};

    if (top > 0) jpeg_skip_scanlines(info, top);
    for (JDIMENSION row = 0; row < height;) {
        JSAMPROW line = output + (size_t)row * width * 4;
        row += jpeg_read_scanlines(info, &line, 1);
    }
    jpeg_abort_decompress(info);
    return CJPG_OK;
}

const char *cjpg_decoder_message(const cjpg_decoder *decoder) { return decoder->message; }
