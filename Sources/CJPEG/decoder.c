#include "cjpeg.h"
#include "workspace.h"
#include <jerror.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>

// A picture of more scans costs time out of proportion to its size.
enum { MOST_SCANS = 64 };
enum { ROWS_AT_ONCE = 16 };

struct cjpg_decoder {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    cjpg_workspace workspace;
    jmp_buf escape;
    bool has_run_out;
    cjpg_status status;
    char message[JMSG_LENGTH_MAX];
};

static const JOCTET end_of_image[2] = {0xFF, JPEG_EOI};

_Noreturn static void end_with(cjpg_decoder *decoder, cjpg_status status, const char *message) {
    decoder->status = status;
    snprintf(decoder->message, sizeof decoder->message, "%s", message);
    longjmp(decoder->escape, 1);
}

static void fail(j_common_ptr info) {
    cjpg_decoder *decoder = info->client_data;
    char message[JMSG_LENGTH_MAX];
    switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW: end_with(decoder, CJPG_TOO_LARGE, "larger than the workspace");
    case JERR_BAD_PRECISION: end_with(decoder, CJPG_UNSUPPORTED, "a JPEG of other than 8 bits");
    case JERR_SOF_UNSUPPORTED: end_with(decoder, CJPG_UNSUPPORTED, "a lossless or hierarchical JPEG");
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL: end_with(decoder, CJPG_UNSUPPORTED, "a JPEG of unusual colours or sampling");
    default:
        info->err->format_message(info, message);
        end_with(decoder, CJPG_CORRUPT, message);
    }
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
    if (((j_decompress_ptr)info)->input_scan_number > MOST_SCANS)
        end_with(info->client_data, CJPG_UNSUPPORTED, "a JPEG of more than 64 scans");
}

static void start_input(j_decompress_ptr info) { (void)info; }

// Past the end there is an end marker: a picture that needs more data then warns and fails.
static boolean fill_input(j_decompress_ptr info) {
    ((cjpg_decoder *)info->client_data)->has_run_out = true;
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

static cjpg_status give_up(cjpg_decoder *decoder) {
    jpeg_abort_decompress(&decoder->info);
    return decoder->status;
}

// A frame is judged by its own bytes: without tables of its own it gets the standard ones, not its predecessor's.
// jpeg_skip_scanlines writes to any converter it finds, even to one of an earlier picture.
static void forget_last_picture(struct jpeg_decompress_struct *info) {
    jpeg_abort_decompress(info);
    for (int index = 0; index < NUM_QUANT_TBLS; index++) info->quant_tbl_ptrs[index] = NULL;
    for (int index = 0; index < NUM_HUFF_TBLS; index++)
        info->dc_huff_tbl_ptrs[index] = info->ac_huff_tbl_ptrs[index] = NULL;
    info->cconvert = NULL;
    info->cquantize = NULL;
    info->image_width = info->image_height = 0;
}

void cjpg_decoder_move(cjpg_decoder *decoder, void *workspace, size_t size) {
    forget_last_picture(&decoder->info);
    decoder->workspace.start = workspace;
    decoder->workspace.size = size;
}

static void refuse_unusual_kinds(cjpg_decoder *decoder) {
    if (decoder->info.arith_code) end_with(decoder, CJPG_UNSUPPORTED, "an arithmetic-coded JPEG");
    if (decoder->info.jpeg_color_space == JCS_CMYK || decoder->info.jpeg_color_space == JCS_YCCK)
        end_with(decoder, CJPG_UNSUPPORTED, "a CMYK JPEG");
    if (decoder->info.jpeg_color_space == JCS_UNKNOWN)
        end_with(decoder, CJPG_UNSUPPORTED, "a JPEG of unknown colours");
}

static size_t coefficient_size(struct jpeg_decompress_struct *info) {
    if (!jpeg_has_multiple_scans(info)) return 0;
    size_t size = 0;
    for (int index = 0; index < info->num_components; index++) {
        const jpeg_component_info *plane = &info->comp_info[index];
        size_t columns = plane->width_in_blocks + plane->h_samp_factor;
        size_t rows = plane->height_in_blocks + plane->v_samp_factor;
        size += columns * rows * sizeof(JBLOCK) + rows * sizeof(JBLOCKROW);
    }
    return size;
}

cjpg_status cjpg_read_header(cjpg_decoder *decoder, const uint8_t *input, size_t input_size, cjpg_header *header) {
    struct jpeg_decompress_struct *info = &decoder->info;
    if (setjmp(decoder->escape)) {
        *header = (cjpg_header){info->image_width, info->image_height, 0};
        return give_up(decoder);
    }
    forget_last_picture(info);
    decoder->has_run_out = false;
    decoder->source.next_input_byte = input;
    decoder->source.bytes_in_buffer = input_size;
    jpeg_read_header(info, TRUE);
    refuse_unusual_kinds(decoder);
    *header = (cjpg_header){info->image_width, info->image_height, coefficient_size(info)};
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
    // Smoothing would invent what a progressive picture has not sent.
    info->do_block_smoothing = FALSE;
    jpeg_start_decompress(info);
    // libjpeg takes a picture whose last scans are missing for a whole one.
    if (jpeg_has_multiple_scans(info) && decoder->has_run_out)
        end_with(decoder, CJPG_CORRUPT, "it ends before its last scan");

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
        JSAMPROW lines[ROWS_AT_ONCE];
        JDIMENSION count = clip(height - row, ROWS_AT_ONCE);
        for (JDIMENSION index = 0; index < count; index++) lines[index] = output + (size_t)(row + index) * width * 4;
        count = jpeg_read_scanlines(info, lines, count);
        if (count == 0) end_with(decoder, CJPG_CORRUPT, "it has fewer rows than its header says");
        row += count;
    }
    jpeg_abort_decompress(info);
    return CJPG_OK;
}

const char *cjpg_decoder_message(const cjpg_decoder *decoder) { return decoder->message; }
